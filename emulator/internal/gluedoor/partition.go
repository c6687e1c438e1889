package gluedoor

import (
	"hash/fnv"
	"maps"
	"slices"
	"strings"
)

// keyOf makes one text of a partition's values, in whose order partitions are.
func keyOf(values []string) string { return strings.Join(values, "\x00") }

// values checks how many there are.
func (s *stored) values(values []string) (string, error) {
	if len(values) != len(s.Table.PartitionKeys) {
		return "", invalid("The number of partition keys do not match the number of partition values")
	}
	for _, v := range values {
		if strings.ContainsRune(v, 0) || len(v) > 1024 {
			return "", invalid("the value of a partition is no text of at most 1024 bytes")
		}
	}
	return keyOf(values), nil
}

// changed is the table with other partitions.
func (s *stored) changed() *stored {
	next := *s
	next.Partitions = maps.Clone(s.Partitions)
	if next.Partitions == nil {
		next.Partitions = map[string]partition{}
	}
	return &next
}

// add puts a new partition into a table that is not stored yet.
func (d *Door) add(s *stored, in partitionInput) error {
	key, err := s.values(in.Values)
	if err != nil {
		return err
	}
	if _, ok := s.Partitions[key]; ok {
		return exists("Partition")
	}
	s.Partitions[key] = partition{partitionInput: in, DatabaseName: s.Table.DatabaseName, TableName: s.Table.Name, CreationTime: now(), CatalogID: d.cfg.Account}
	return nil
}

// changing changes the partitions of a request's table: all that do does, or after
// its error nothing.
func (d *Door) changing(in *input, do func(next *stored) (document, error)) (document, error) {
	s, err := d.table(in.DatabaseName, in.TableName)
	if err != nil {
		return nil, err
	}
	next := s.changed()
	out, err := do(next)
	if err != nil {
		return nil, err
	}
	return out, d.keepTable(next)
}

func (d *Door) createPartition(in *input) (document, error) {
	return d.changing(in, func(next *stored) (document, error) {
		if in.PartitionInput == nil {
			return nil, invalid("PartitionInput is missing")
		}
		return document{}, d.add(next, *in.PartitionInput)
	})
}

// partitionFailure is one of a batch.
func partitionFailure(values []string, why document) document {
	return document{"PartitionValues": values, "ErrorDetail": why}
}

func (d *Door) batchCreatePartition(in *input) (document, error) {
	return d.changing(in, func(next *stored) (document, error) {
		return batch(in.PartitionInputList, 100, "partitionInputList", func(p partitionInput) error { return d.add(next, p) },
			func(p partitionInput, why document) document { return partitionFailure(p.Values, why) })
	})
}

func (d *Door) getPartition(in *input) (document, error) {
	s, err := d.table(in.DatabaseName, in.TableName)
	if err != nil {
		return nil, err
	}
	p, ok := s.Partitions[keyOf(in.PartitionValues)]
	if !ok {
		return nil, notFound("Cannot find partition.")
	}
	return document{"Partition": p}, nil
}

func (d *Door) batchGetPartition(in *input) (document, error) {
	s, err := d.table(in.DatabaseName, in.TableName)
	if err != nil {
		return nil, err
	}
	if len(in.PartitionsToGet) > 1000 {
		return nil, invalid("1 validation error detected: Value at 'partitionsToGet' failed to satisfy constraint: Member must have length less than or equal to 1000")
	}
	found := []partition{}
	for _, v := range in.PartitionsToGet {
		if p, ok := s.Partitions[keyOf(v.Values)]; ok {
			found = append(found, p)
		}
	}
	return document{"Partitions": found, "UnprocessedKeys": []any{}}, nil
}

func (d *Door) getPartitions(in *input) (document, error) {
	s, err := d.table(in.DatabaseName, in.TableName)
	if err != nil {
		return nil, err
	}
	holds, err := predicate(in.Expression, s.Table.PartitionKeys)
	if err != nil {
		return nil, err
	}
	if g := in.Segment; g != nil && (g.TotalSegments < 1 || g.TotalSegments > 10 || g.SegmentNumber < 0 || g.SegmentNumber >= g.TotalSegments) {
		return nil, invalid("the segment %d of %d is none: there are 1 to 10, numbered from 0", g.SegmentNumber, g.TotalSegments)
	}
	var all []partition
	for _, key := range slices.Sorted(maps.Keys(s.Partitions)) {
		if in.Segment != nil {
			h := fnv.New32a()
			_, _ = h.Write([]byte(key)) // never fails
			if int(h.Sum32()%uint32(in.Segment.TotalSegments)) != in.Segment.SegmentNumber {
				continue
			}
		}
		p := s.Partitions[key]
		ok, err := holds(p.Values)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if in.ExcludeColumnSchema && p.StorageDescriptor != nil {
			bare := *p.StorageDescriptor
			bare.Columns = nil
			p.StorageDescriptor = &bare
		}
		all = append(all, p)
	}
	part, next, err := page(in, 1000, all, func(p partition) string { return keyOf(p.Values) })
	return answer("Partitions", part, next), err
}

// replace changes one partition of a table that is not stored yet; its values may
// change too.
func (s *stored) replace(values []string, in partitionInput) error {
	old, ok := s.Partitions[keyOf(values)]
	if !ok {
		return notFound("Cannot find partition.")
	}
	key, err := s.values(in.Values)
	if err != nil {
		return err
	}
	if _, taken := s.Partitions[key]; taken && key != keyOf(values) {
		return exists("Partition")
	}
	delete(s.Partitions, keyOf(values))
	old.partitionInput = in
	s.Partitions[key] = old
	return nil
}

func (d *Door) updatePartition(in *input) (document, error) {
	return d.changing(in, func(next *stored) (document, error) {
		if in.PartitionInput == nil {
			return nil, invalid("PartitionInput is missing")
		}
		return document{}, next.replace(in.PartitionValueList, *in.PartitionInput)
	})
}

func (d *Door) batchUpdatePartition(in *input) (document, error) {
	return d.changing(in, func(next *stored) (document, error) {
		return batch(in.Entries, 100, "entries", func(e updateEntry) error { return next.replace(e.PartitionValueList, e.PartitionInput) },
			func(e updateEntry, why document) document {
				return document{"PartitionValueList": e.PartitionValueList, "ErrorDetail": why}
			})
	})
}

// take removes one partition of a table that is not stored yet.
func (s *stored) take(values []string) error {
	key := keyOf(values)
	if _, ok := s.Partitions[key]; !ok {
		return notFound("Cannot find partition.")
	}
	delete(s.Partitions, key)
	return nil
}

func (d *Door) deletePartition(in *input) (document, error) {
	return d.changing(in, func(next *stored) (document, error) { return document{}, next.take(in.PartitionValues) })
}

func (d *Door) batchDeletePartition(in *input) (document, error) {
	return d.changing(in, func(next *stored) (document, error) {
		return batch(in.PartitionsToDelete, 25, "partitionsToDelete", func(v valueList) error { return next.take(v.Values) },
			func(v valueList, why document) document { return partitionFailure(v.Values, why) })
	})
}
