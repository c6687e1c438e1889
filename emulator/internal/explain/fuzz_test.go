package explain_test

import (
	"os"
	"strings"
	"testing"
)

// FuzzExplain plans whatever the binder takes.
func FuzzExplain(f *testing.F) {
	for _, name := range []string{"testdata/forms.txt", "testdata/guide.txt"} {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\nexplain\n") {
			sql, _, _ := strings.Cut(part, "\n----")
			f.Add(sql)
		}
	}
	f.Fuzz(func(t *testing.T, sql string) {
		db := newDatabase()
		err := db.define(`CREATE TABLE t (id INT PRIMARY KEY DISTKEY SORTKEY, name VARCHAR(20), code CHAR(3), price NUMERIC(8,2), day DATE);
			CREATE TABLE u (id INT, t_id INT, note VARCHAR(10)) DISTSTYLE EVEN; CREATE TABLE a (id INT, label VARCHAR(5)) DISTSTYLE ALL;
			CREATE TABLE k (t_id INT DISTKEY SORTKEY, n BIGINT); CREATE VIEW v AS SELECT id, count(*) AS n FROM u GROUP BY id`)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := db.explain(sql); err == nil && out != "" && out != "not explained" && !strings.Contains(out, "(cost=") {
			t.Fatal(out)
		}
	})
}
