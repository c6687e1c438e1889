package dynamodoor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/llm-dev-ops/redshift/emulator/internal/durable"
)

// journal keeps one table in a file: its definition in the first line, then a
// line for every write, and for those of one batch one. A line counts once it
// ends, so that a process can be killed at any moment.
type journal struct {
	file *os.File
	path string
	size int64 // up to the last line that counts
}

// line is one line behind the first.
type line struct {
	Put    []Item `json:"put,omitempty"`
	Delete []Item `json:"delete,omitempty"` // keys
}

const journalSuffix = ".jsonl"

// newJournal writes a table's file anew, with its items.
func newJournal(dir string, t *table) (*journal, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(t.definition)
	t.page(firstHash, lastHash, nil, func(x entry) bool {
		if err == nil {
			err = e.Encode(line{Put: []Item{x.item}})
		}
		return err == nil
	})
	path := filepath.Join(dir, t.ID+journalSuffix)
	if err == nil {
		err = durable.WriteFile(path, out.Bytes())
	}
	if err != nil {
		return nil, fmt.Errorf("dynamodb: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("dynamodb: %w", err)
	}
	return &journal{file: file, path: path, size: int64(out.Len())}, nil
}

// append keeps writes before they are answered. After an error none of them is
// in the file, or will not be once the next one is.
func (j *journal) append(writes []write) error {
	var l line
	for _, w := range writes {
		if w.item == nil {
			l.Delete = append(l.Delete, w.key)
		} else {
			l.Put = append(l.Put, w.item)
		}
	}
	data, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("dynamodb: %w", err)
	}
	data = append(data, '\n')
	if _, err = j.file.WriteAt(data, j.size); err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("dynamodb: %w", err), j.file.Truncate(j.size))
	}
	j.size += int64(len(data))
	return nil
}

// remove ends a journal and its file.
func (j *journal) remove() error {
	err := errors.Join(j.file.Close(), durable.Remove(j.path))
	if err != nil {
		return fmt.Errorf("dynamodb: %w", err)
	}
	return nil
}

// readJournal reads a table back. What stands behind the last whole line was
// never answered.
func readJournal(path string) (*table, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("dynamodb: %w", err)
	}
	damaged := func(n int) error { return fmt.Errorf("dynamodb: %s is damaged in line %d", filepath.Base(path), n) }
	t := &table{}
	for n := 1; ; n++ {
		text, rest, whole := bytes.Cut(data, []byte{'\n'})
		if !whole {
			if n == 1 {
				return nil, damaged(n)
			}
			return t, nil
		}
		data = rest
		if n == 1 {
			if err := json.Unmarshal(text, &t.definition); err != nil || len(t.Key) == 0 {
				return nil, damaged(n)
			}
			continue
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, damaged(n)
		}
		for _, item := range l.Put {
			p, err := t.placeOf(item, false)
			if err != nil {
				return nil, damaged(n)
			}
			t.change(write{place: p, item: item})
		}
		for _, key := range l.Delete {
			p, err := t.placeOf(key, true)
			if err != nil {
				return nil, damaged(n)
			}
			t.change(write{place: p})
		}
	}
}
