//go:build deps

// Package deps names the outside modules of rooms that are being built, so
// that their versions stay pinned in go.mod until the rooms import them.
package deps

import (
	_ "github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	_ "github.com/jackc/pgx/v5"
	_ "github.com/jackc/puddle/v2"
	_ "github.com/jedib0t/go-pretty/v6/table"
	_ "github.com/klauspost/compress/zstd"
	_ "github.com/vbauerster/mpb/v8"
	_ "golang.org/x/term"
)
