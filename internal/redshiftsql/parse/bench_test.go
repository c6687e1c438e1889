package parse

import "testing"

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
