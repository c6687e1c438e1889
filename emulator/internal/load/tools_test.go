package load

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	osexec "os/exec"
	"strings"
	"testing"
)

// tool runs an outside program over data.
func tool(t *testing.T, data []byte, name string, args ...string) []byte {
	t.Helper()
	if _, err := osexec.LookPath(name); err != nil {
		t.Skip(name + " is not installed")
	}
	c := osexec.CommandContext(t.Context(), name, args...)
	c.Stdin = bytes.NewReader(data)
	var complaint bytes.Buffer
	c.Stderr = &complaint
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %v: %v %s", name, args, err, complaint.Bytes())
	}
	return out
}

// sample is text of many kinds: what repeats, what does not, and more than a block.
func sample(seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 1))
	var b bytes.Buffer
	for i := range 12_000 {
		fmt.Fprintf(&b, "%d|%s|%x\n", i, strings.Repeat("ab", random.IntN(20)), random.Uint64())
	}
	return b.Bytes()
}

// TestTools loads what the programs of the compressions write, two members in one file
// too, and finds damage.
func TestTools(t *testing.T) {
	t.Parallel()
	plain := sample(7)
	for _, k := range []struct {
		option string
		args   []string
	}{
		{"GZIP", []string{"gzip", "-c"}},
		{"GZIP", []string{"gzip", "-9c"}},
		{"BZIP2", []string{"bzip2", "-1c"}},
		{"BZIP2", []string{"bzip2", "-9c"}},
		{"ZSTD", []string{"zstd", "-qc"}},
		{"ZSTD", []string{"zstd", "-qc", "--long=27", "--no-check"}},
		{"LZOP", []string{"lzop", "-c"}},
		{"LZOP", []string{"lzop", "-1c", "-F"}},
		{"LZOP", []string{"lzop", "-9c", "--crc32"}},
	} {
		t.Run(strings.Join(k.args, " "), func(t *testing.T) {
			t.Parallel()
			packed := tool(t, plain, k.args[0], k.args[1:]...)
			load := func(data []byte) (int, error) {
				store := newStore(t)
				put(t, store, "bkt", "d/a", data)
				r := request(t, "COPY t FROM 's3://bkt/d/' IAM_ROLE default "+k.option, "a integer; b varchar(99); c varchar(99)", store)
				out := &rows{columns: r.Target.Columns}
				_, _, err := run(context.Background(), r, func() (sink, error) { return out, nil })
				return len(out.kept), err
			}
			if n, err := load(packed); n != 12_000 || err != nil {
				t.Errorf("%d rows, %v", n, err)
			}
			if n, err := load(append(bytes.Clone(packed), packed...)); n != 24_000 || err != nil {
				t.Errorf("twice: %d rows, %v", n, err)
			}
			if n, err := load(packed[:len(packed)/2]); n != 0 || err == nil || !strings.Contains(err.Error(), "is not a valid "+k.option+" file") {
				t.Errorf("half: %d rows, %v", n, err)
			}
		})
	}
}

// lzopFiles are of `lzop` and `lzop -9`.
var lzopFiles = []string{
	"894c5a4f000d0a1a0a104020a00940010503000001000081a46b05b2d40000000001733d5c04f300000008000000080b2e0261317c780a327c790a00000000",
	"894c5a4f000d0a1a0a104020a00940030903000001000081a46b05b2d400000000016d3dca04f300000303000000f4847604aa16317c616263aa000a32292d0033292d0034292d0035292d0036292d0037292d0038292d0039292e0031302a30002ae501312ae901312aed01312af101312af501312af901312afd01312a0102312a0502322a0502322bec032a0502322a0502322a0502322a0502322a0502322a0502322a0502322a0502332a0502332a0502332bf8052a0502332a0502332a0502332a0502332a0502332a0502332a0502342a0502342a0502342a0502342b04082a0502342a0502342a0502342a0502342a0502342a0502352a0502352a0502352a0502352a0502352b100a2a0502352a0502352a0502352a0502352a0502362a040211000000000000",
}

func lzopFile(t testing.TB, n int) []byte {
	t.Helper()
	data, err := hex.DecodeString(lzopFiles[n])
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestLzopDamage: no bit can change without an error but in what the checksums do not
// cover, which changes nothing.
func TestLzopDamage(t *testing.T) {
	t.Parallel()
	for n := range lzopFiles {
		whole := lzopFile(t, n)
		want, err := io.ReadAll(&lzopReader{r: bytes.NewReader(whole)})
		if err != nil || !bytes.HasPrefix(want, []byte("1|")) || !bytes.HasSuffix(want, []byte("\n")) {
			t.Fatalf("%q %v", want, err)
		}
		for i := range whole {
			if got, err := io.ReadAll(&lzopReader{r: bytes.NewReader(whole[:i])}); err == nil && i > 0 {
				t.Errorf("%d bytes of %d are %q", i, len(whole), got)
			}
			for bit := range 8 {
				damaged := bytes.Clone(whole)
				damaged[i] ^= 1 << bit
				if got, err := io.ReadAll(&lzopReader{r: bytes.NewReader(damaged)}); err == nil && !bytes.Equal(got, want) {
					t.Errorf("bit %d of byte %d: %q", bit, i, got)
				}
			}
		}
	}
}

func FuzzLzop(f *testing.F) {
	for n := range lzopFiles {
		f.Add(lzopFile(f, n))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = io.Copy(io.Discard, io.LimitReader(&lzopReader{r: bytes.NewReader(data)}, 1<<20))
	})
}
