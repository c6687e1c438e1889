package main

import (
	"fmt"
	"io/fs"
	"testing"
	"testing/fstest"
)

func folder(files map[string]string) fs.FS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestRead(t *testing.T) {
	t.Parallel()
	all, err := read(folder(map[string]string{"0010_b.sql": mark + "\nVACUUM", "2_a.sql": "SELECT 1", "README.md": ""}))
	if err != nil || fmt.Sprint(all[0], all[1], all[0].alone, all[1].alone, len(all)) != "0002_a 0010_b false true 2" {
		t.Errorf("%v, %v", all, err)
	}
	for _, files := range []map[string]string{
		{"a.sql": ""}, {"0_a.sql": ""}, {"x_a.sql": ""}, {"1_a.sql": "", "01_b.sql": ""},
	} {
		if all, err := read(folder(files)); err == nil {
			t.Errorf("%v was read as %v", files, all)
		}
	}
	if all, err := read(folder(nil)); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	if _, err := read(files); err != nil {
		t.Error(err)
	}
}
