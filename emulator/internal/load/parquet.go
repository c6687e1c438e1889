package load

import "context"

func (l *loader) parquet(context.Context) error { return notYet("COPY with the format PARQUET") }
