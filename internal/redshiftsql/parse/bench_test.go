package parse

import (
	"math/rand/v2"
	"strings"
	"testing"
)

const simpleSelect = "SELECT id, name, price * 1.1 AS gross FROM sales.items i WHERE i.price > 10 AND name LIKE 'a%' ORDER BY id LIMIT 10"

func BenchmarkSimpleSelect(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(simpleSelect)))
	for b.Loop() {
		if _, err := Statement(simpleSelect); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkJunk is what 64 KB of no SQL costs, which anybody may send; the figure to
// keep is 50 ms.
func BenchmarkJunk(b *testing.B) {
	const size = 64 << 10
	r := rand.New(rand.NewPCG(1, 2))
	tokens := strings.Fields("select from ( ) , . :: 'x' \"y\" $$ /* */ -- 1 1.5e3 and not case when end in between like + - * / || = < > [ ] { } ; $1 # @ ~ union with as over order by null")
	var words strings.Builder
	for words.Len() < size {
		words.WriteString(tokens[r.IntN(len(tokens))])
		words.WriteByte(" \n"[r.IntN(2)])
	}
	noise := make([]byte, size)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for name, text := range map[string]string{
		"tokens":      words.String()[:size],
		"bytes":       string(noise),
		"parentheses": strings.Repeat("(", size),
		"select":      strings.Repeat("select(", size/7),
		"case":        strings.Repeat("case ", size/5),
		"not":         "select " + strings.Repeat("not ", size/4),
		"minus":       "select " + strings.Repeat("- ", size/2),
		"comment":     strings.Repeat("/*", size/2),
		"quotes":      strings.Repeat("'", size-1),
		"dollars":     strings.Repeat("$a$", size/3),
		"between":     "select " + strings.Repeat("1 between ", size/10),
		"joins":       "select 1 from a" + strings.Repeat(" join a", size/7),
		"casts":       "select 1" + strings.Repeat("::int", size/5),
		"commas":      "select " + strings.Repeat("1,", size/2),
		"unions":      "select 1" + strings.Repeat(" union select 1", size/15),
		"concat":      "select 'a'" + strings.Repeat("||'a'", size/5),
		"semicolons":  strings.Repeat(";", size),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				_, _ = Statement(text)
				for _, err := range Script(text) {
					if err != nil {
						break
					}
				}
			}
		})
	}
}
