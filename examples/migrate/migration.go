package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// migration is one file, NNNN_name.sql.
type migration struct {
	version int
	name    string
	sql     string
	sum     string // of the file, so that a change after the fact is found
	alone   bool   // it runs without a transaction
}

// String is the file's name without its end.
func (m migration) String() string { return fmt.Sprintf("%04d_%s", m.version, m.name) }

// mark is the first line of a file whose statements need no transaction.
const mark = "-- migrate: without transaction"

// read reads the migrations of a folder, in the order of their versions.
func read(folder fs.FS) (all []migration, err error) {
	names, err := fs.Glob(folder, "*.sql")
	if err != nil {
		return nil, err
	}
	for _, file := range names {
		b, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, err
		}
		number, name, ok := strings.Cut(strings.TrimSuffix(path.Base(file), ".sql"), "_")
		version, err := strconv.Atoi(number)
		if !ok || err != nil || version < 1 {
			return nil, fmt.Errorf("%s: a migration is named NNNN_name.sql", file)
		}
		sum := sha256.Sum256(b)
		all = append(all, migration{version, name, string(b), hex.EncodeToString(sum[:]), strings.HasPrefix(string(b), mark)})
	}
	slices.SortFunc(all, func(a, b migration) int { return cmp.Compare(a.version, b.version) })
	for i := range all[:max(0, len(all)-1)] {
		if all[i].version == all[i+1].version {
			return nil, fmt.Errorf("%v and %v have the same version", all[i], all[i+1])
		}
	}
	return all, nil
}
