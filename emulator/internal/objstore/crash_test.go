package objstore

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// crashEnv makes a test process the child that is to be killed.
const crashEnv = "OBJSTORE_CRASH_DIR"

// crashBody is the only content that version n of a key may have.
func crashBody(key string, n int) []byte {
	return bytes.Repeat([]byte(key+":"+strconv.Itoa(n)+";"), 1+n*37%9000)
}

// TestMain turns the process into the child when it is told to.
func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		fmt.Println("ended:", crashChild(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// crashChild puts, deletes and completes uploads, and says what it is about to do
// and what was acknowledged, until it is killed.
func crashChild(dir string) error {
	ctx := context.Background()
	s, err := Open(Config{Dir: dir})
	if err != nil {
		return err
	}
	if err := s.CreateBucket(ctx, "bkt"); err != nil && !errors.Is(err, ErrBucketExists) {
		return err
	}
	first, err := strconv.Atoi(os.Getenv("OBJSTORE_CRASH_FIRST"))
	if err != nil {
		return err
	}
	for n := first; ; n++ {
		key := "k" + strconv.Itoa(n%5)
		op := "put"
		switch n % 11 {
		case 3:
			op = "delete"
		case 7:
			op = "upload"
		}
		fmt.Printf("begin %s %d %s\n", key, n, op)
		switch op {
		case "delete":
			err = s.Delete(ctx, "bkt", key)
		case "put":
			_, err = s.Put(ctx, "bkt", key, Meta{}, bytes.NewReader(crashBody(key, n)))
		case "upload":
			err = crashUpload(ctx, s, key, crashBody(key, n))
		}
		if err != nil {
			return err
		}
		fmt.Printf("done %s %d %s\n", key, n, op)
	}
}

func crashUpload(ctx context.Context, s *Store, key string, body []byte) error {
	u, err := s.CreateUpload(ctx, "bkt", Upload{Key: key})
	if err != nil {
		return err
	}
	p, err := s.PutPart(ctx, "bkt", key, u.ID, 1, bytes.NewReader(body))
	if err != nil {
		return err
	}
	_, err = s.CompleteUpload(ctx, "bkt", key, u.ID, Completion{Parts: []CompletedPart{{p.Number, p.ETag}}})
	return err
}

// TestKill kills a writing process again and again: what was acknowledged must be
// there, what was going on may be there whole or not at all, and no start needs
// repair.
func TestKill(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	type version struct {
		n  int
		op string
	}
	acknowledged, begun := map[string]version{}, map[string]version{}
	next, total := 0, 0
	for round := range 12 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), crashEnv+"="+dir, "OBJSTORE_CRASH_FIRST="+strconv.Itoa(next))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		clear(begun)
		lines, after := bufio.NewScanner(out), 1+random.IntN(60)
		var other []string
		for lines.Scan() {
			var word, key, op string
			var n int
			if c, _ := fmt.Sscanf(lines.Text(), "%s %s %d %s", &word, &key, &n, &op); c != 4 {
				other = append(other, lines.Text())
				continue
			}
			next = max(next, n+1)
			switch word {
			case "begin":
				begun[key] = version{n, op}
			case "done":
				acknowledged[key] = version{n, op}
				delete(begun, key)
				total++
			}
			if after--; after == 0 {
				// Somewhere in the operation that is now going on.
				for range random.IntN(200_000) {
					_ = seed
				}
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
		if after > 0 {
			t.Fatalf("round %d: the child ended by itself: %s", round, strings.Join(other, "\n"))
		}
		s, err := Open(Config{Dir: dir})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for i := range 5 {
			key := "k" + strconv.Itoa(i)
			var allowed []version
			if v, ok := begun[key]; ok {
				allowed = append(allowed, v)
			}
			if v, ok := acknowledged[key]; ok {
				allowed = append(allowed, v)
			} else {
				allowed = append(allowed, version{op: "delete"})
			}
			found := crashCheck(t, s, key)
			held := -1
			for j, v := range allowed {
				if v.op == "delete" && found == nil || v.op != "delete" && bytes.Equal(found, crashBody(key, v.n)) {
					held = j
					break
				}
			}
			if held < 0 {
				t.Fatalf("round %d: %s holds %.40q, allowed %v", round, key, found, allowed)
			}
			acknowledged[key] = allowed[held]
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d operations acknowledged", total)
}

func crashCheck(t *testing.T, s *Store, key string) []byte {
	t.Helper()
	r, _, err := s.Open(t.Context(), "bkt", key)
	if errors.Is(err, ErrNoSuchKey) || errors.Is(err, ErrNoSuchBucket) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
