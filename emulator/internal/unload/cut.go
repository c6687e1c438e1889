package unload

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

const (
	parquetMagic = "PAR1"
	// maxFooter is the longest footer in bytes that is read.
	maxFooter = 256 << 20
)

var errFooter = errors.New("unload: the staged Parquet file has no footer")

// staged is a Parquet file in the staging directory of which whole row groups become
// files: they are copied as they are, and only the footer is written anew.
type staged struct {
	path string
	meta format.FileMetaData
}

// openStaged reads the footer of a file.
func openStaged(path string) (*staged, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was read
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	var tail [8]byte
	if info.Size() < int64(len(tail)+len(parquetMagic)) {
		return nil, errFooter
	}
	if _, err := f.ReadAt(tail[:], info.Size()-8); err != nil {
		return nil, errors.Join(errFooter, err)
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[4:]) != parquetMagic || n > maxFooter || n > info.Size()-12 {
		return nil, errFooter
	}
	footer := make([]byte, n)
	if _, err := f.ReadAt(footer, info.Size()-8-n); err != nil {
		return nil, errors.Join(errFooter, err)
	}
	s := &staged{path: path}
	if err := thrift.Unmarshal(new(thrift.CompactProtocol), footer, &s.meta); err != nil {
		return nil, errors.Join(errFooter, err)
	}
	return s, nil
}

// groupSize is how many bytes a row group takes.
func groupSize(g *format.RowGroup) (n int64) {
	for i := range g.Columns {
		n += g.Columns[i].MetaData.TotalCompressedSize
	}
	return n
}

// start is where a column's pages begin; the dictionary comes first.
func start(c *format.ColumnMetaData) int64 {
	if d := c.DictionaryPageOffset; d > 0 && d < c.DataPageOffset {
		return d
	}
	return c.DataPageOffset
}

// cut writes a file of some of the row groups. Bloom filters and page indexes, which no
// reader needs, stay behind.
func (s *staged) cut(ctx context.Context, w io.Writer, groups []int) error {
	in, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer in.Close() // it was read
	out := &counted{w: w}
	if _, err := io.WriteString(out, parquetMagic); err != nil {
		return err
	}
	meta := s.meta
	meta.NumRows, meta.RowGroups = 0, nil
	for i, n := range groups {
		g := s.meta.RowGroups[n]
		g.Columns = append(g.Columns[:0:0], g.Columns...)
		g.Ordinal, g.FileOffset = int16(i), out.n
		for k := range g.Columns {
			if err := ctx.Err(); err != nil {
				return err
			}
			c := &g.Columns[k]
			from := start(&c.MetaData)
			moved := out.n - from
			if _, err := io.Copy(out, io.NewSectionReader(in, from, c.MetaData.TotalCompressedSize)); err != nil {
				return err
			}
			c.MetaData.DataPageOffset += moved
			if c.MetaData.DictionaryPageOffset > 0 {
				c.MetaData.DictionaryPageOffset += moved
			}
			c.MetaData.BloomFilterOffset, c.MetaData.BloomFilterLength = 0, 0
			c.OffsetIndexOffset, c.OffsetIndexLength, c.ColumnIndexOffset, c.ColumnIndexLength = 0, 0, 0, 0
			if c.FileOffset > 0 {
				c.FileOffset += moved
			}
		}
		meta.RowGroups = append(meta.RowGroups, g)
		meta.NumRows += g.NumRows
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
	if err != nil {
		return err
	}
	footer = binary.LittleEndian.AppendUint32(footer, uint32(len(footer)))
	_, err = out.Write(append(footer, parquetMagic...))
	return err
}

// counted counts what goes through it.
type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// cuts spreads the row groups of a file over those of a folder: they go to the slices in
// turn, or to the one that is given, and what would make a file longer than MAXFILESIZE
// begins the next.
func (s *sink) cuts(all *staged, d *folder, only int) {
	for i := range all.meta.RowGroups {
		g := &all.meta.RowGroups[i]
		slice := only
		if only < 0 {
			slice = i % s.plan.slices
		}
		f := d.slices[slice]
		if f == nil || f.taken+groupSize(g) > s.plan.limit {
			f = s.begin(d, slice)
			f.from = all
		}
		f.groups = append(f.groups, i)
		f.taken += groupSize(g)
		f.rows += g.NumRows
		f.lines += g.NumRows
		s.rows += g.NumRows
	}
}

// copyGroups brings the row groups of a file into the store.
func (f *file) copyGroups(ctx context.Context, s *sink) (err error) {
	if f.w, err = s.s3.Create(ctx, s.plan.bucket, f.key, s.plan.meta); err != nil {
		return err
	}
	if err := f.from.cut(ctx, f.w, f.groups); err != nil {
		return err
	}
	f.size, f.end = f.w.Size(), time.Now()
	return nil
}
