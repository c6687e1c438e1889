// Package lineitem is the table that large results are of, shaped like TPC-H's lineitem.
package lineitem

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Distinct is how many rows there are before they repeat.
const Distinct = 1000

// Columns are the table's, as CREATE TABLE has them.
const Columns = `orderkey bigint, partkey bigint, linenumber integer, suppkey integer,
	quantity numeric(15,2), price numeric(15,2), discount numeric(15,2), tax numeric(15,2),
	returnflag varchar(1), linestatus varchar(1), shipdate date, commitdate date, loaded timestamp,
	shipinstruct varchar(25), shipmode varchar(10), comment varchar(44), note varchar(64), score double precision`

// Rows are the distinct rows as texts of about 200 bytes, nil where they are NULL.
func Rows() [][]*string {
	r := rand.New(rand.NewPCG(1, 2))
	day := time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC)
	words := strings.Fields("furiously regular packages sleep slyly above the carefully final deposits against quick requests")
	phrase := func(n int) string {
		s := ""
		for len(s) < n {
			s += words[r.IntN(len(words))] + " "
		}
		return s[:n]
	}
	cents := func(n int) string { v := r.IntN(n); return fmt.Sprintf("%d.%02d", v/100, v%100) }
	all := make([][]*string, Distinct)
	for i := range all {
		d := day.AddDate(0, 0, r.IntN(2000))
		for _, v := range []string{
			strconv.Itoa(1_000_000 + i), strconv.Itoa(r.IntN(20_000_000)), strconv.Itoa(1 + i%7), strconv.Itoa(r.IntN(1_000_000)),
			cents(5000), cents(10_000_000), cents(11), cents(9),
			"RAN"[i%3 : i%3+1], "OF"[i%2 : i%2+1],
			d.Format(time.DateOnly), d.AddDate(0, 0, 30).Format(time.DateOnly), d.Add(time.Duration(r.IntN(86_400_000)) * time.Millisecond).Format("2006-01-02 15:04:05.000"),
			"DELIVER IN PERSON", "TRUCK", phrase(10 + r.IntN(33)), phrase(40), strconv.FormatFloat(r.Float64(), 'g', -1, 64),
		} {
			all[i] = append(all[i], &v)
		}
		if i%10 == 0 {
			all[i][15] = nil
		}
	}
	return all
}
