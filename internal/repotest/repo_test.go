package repotest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/llm-dev-ops/redshift"

// root is the repository's folder; tests run in their package's folder.
const root = "../.."

// goFile is one parsed Go file of the repository.
type goFile struct {
	path string // slash-separated, relative to the root
	pkg  string // the folder, "." for the root
	test bool
	gen  bool
	ast  *ast.File
	src  []byte
}

// goFiles parses every Go file of the root module. Folders with a go.mod of
// their own (bench) and testdata are not ours to judge.
func goFiles(t *testing.T) (files []goFile) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			name := d.Name()
			if rel != "." && (strings.HasPrefix(name, ".") || name == "testdata") {
				return filepath.SkipDir
			}
			if rel != "." {
				if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil {
					return filepath.SkipDir
				}
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, p, src, parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, goFile{
			path: rel,
			pkg:  path.Dir(rel),
			test: strings.HasSuffix(rel, "_test.go"),
			gen:  ast.IsGenerated(f),
			ast:  f,
			src:  src,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no Go files found: the test looks in the wrong folder")
	}
	return files
}

func TestFileLength(t *testing.T) {
	t.Parallel()
	const most = 800
	for _, f := range goFiles(t) {
		if f.gen {
			continue
		}
		if n := strings.Count(string(f.src), "\n"); n > most {
			t.Errorf("%s has %d lines, more than %d: a file is one noun; give the other nouns their own", f.path, n, most)
		}
	}
}

func TestPackageDoc(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, f := range goFiles(t) {
		if f.test || f.ast.Name.Name == "main" && f.pkg == "." {
			continue
		}
		documented[f.pkg] = documented[f.pkg] || f.ast.Doc != nil && strings.TrimSpace(f.ast.Doc.Text()) != ""
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no doc comment: one sentence says what it is for", pkg)
		}
	}
}

func TestExportedNamesDocumented(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		if f.test || f.gen || f.ast.Name.Name == "main" {
			continue
		}
		for _, d := range f.ast.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
					t.Errorf("%s: func %s has no doc comment", f.path, d.Name.Name)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
							t.Errorf("%s: type %s has no doc comment", f.path, s.Name.Name)
						}
					case *ast.ValueSpec:
						if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
							t.Errorf("%s: %s has no doc comment", f.path, s.Names[0].Name)
						}
					}
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

func TestNoVaguePackageNames(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		switch strings.TrimSuffix(f.ast.Name.Name, "_test") {
		case "util", "utils", "common", "core", "types", "models", "helpers":
			t.Errorf("%s: package %s: the name says nothing", f.path, f.ast.Name.Name)
		}
	}
}

// A directive that no linter of .ci/run reads hides nothing and promises much.
func TestNoDeadDirectives(t *testing.T) {
	t.Parallel()
	for _, f := range goFiles(t) {
		for _, group := range f.ast.Comments {
			for _, c := range group.List {
				if strings.HasPrefix(strings.TrimLeft(c.Text, "/ "), "nolint") {
					t.Errorf("%s: %s: staticcheck reads lint:ignore with a check and a reason; say why in a plain comment", f.path, c.Text)
				}
			}
		}
	}
}

func TestNoReplaceInGoMod(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if word := strings.Fields(line); len(word) > 0 && (word[0] == "replace" || word[0] == "tool") {
			t.Errorf("go.mod: %q: consumers would not see a replace, and a tool line drags its modules into their go.sum", line)
		}
	}
}
