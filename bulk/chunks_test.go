package bulk

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
)

// What was written is what is read, across the pieces and after a release.
func TestChunks(t *testing.T) {
	t.Parallel()
	var c chunks
	names := map[string]int{}
	for _, size := range []int{0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3*chunkBytes + 7} {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(i * 31 >> 3)
		}
		for rest, step := want, 1; len(rest) > 0; step = step*3 + 1 {
			n := min(step, len(rest))
			if wrote, err := c.Write(rest[:n]); wrote != n || err != nil {
				t.Fatal(wrote, err)
			}
			rest = rest[n:]
		}
		for range 2 {
			got, err := io.ReadAll(iotest.HalfReader(c.reader()))
			if err != nil || !bytes.Equal(got, want) || c.Len() != size {
				t.Errorf("of %d bytes %d were read, %v", size, len(got), err)
			}
		}
		r := c.reader()
		if n, err := r.Seek(0, io.SeekEnd); n != int64(size) || err != nil {
			t.Error(n, err)
		}
		if n, err := r.Seek(-int64(size/2), io.SeekCurrent); n != int64(size-size/2) || err != nil {
			t.Error(n, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want[size-size/2:]) {
			t.Errorf("of %d bytes the second half is %d, %v", size, len(got), err)
		}
		if _, err := r.Seek(1, io.SeekEnd); err == nil {
			t.Error("a seek behind the end")
		}
		names[c.contentName()]++
		c.release()
	}
	if len(names) != 6 {
		t.Errorf("contents have the same name: %v", names)
	}
}
