// Command extract prints what the public router of a Kratos source tree is told to serve, one registration a line,
// read from the syntax trees: the calls on values of type *x.RouterPublic.
//
//	go run ./extract router  <module directory> > router.txt
//	go run ./extract openapi <module directory> > openapi.txt
//	go run ./extract cookies <module directory> > cookies.txt
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

var methods = map[string]bool{
	"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true,
	"Handle": true, "Handler": true, "HandlerFunc": true,
}

type pack struct {
	name   string
	consts map[string]ast.Expr
	files  map[string]*ast.File
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: extract router|openapi|cookies <module directory>")
	}
	var lines []string
	switch os.Args[1] {
	case "router":
		lines = router(os.Args[2])
	case "openapi":
		lines = openapi(os.Args[2])
	case "cookies":
		lines = cookies(os.Args[2])
	default:
		fail("unknown list " + os.Args[1])
	}
	sort.Strings(lines)
	for n, line := range lines {
		if n == 0 || line != lines[n-1] {
			fmt.Println(line)
		}
	}
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(1)
}

// openapi lists method and path of the published document.
func openapi(root string) (lines []string) {
	raw, err := os.ReadFile(filepath.Join(root, "spec", "api.json"))
	if err != nil {
		fail(err.Error())
	}
	var document struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		fail(err.Error())
	}
	for path, operations := range document.Paths {
		for method := range operations {
			lines = append(lines, strings.ToUpper(method)+" "+path)
		}
	}
	return lines
}

// cookies lists the constants and format strings that name cookies.
func cookies(root string) (lines []string) {
	for dir, p := range load(root) {
		for name, value := range p.consts {
			if text, ok := literal(value); ok && strings.HasSuffix(name, "CookieName") {
				lines = append(lines, dir+" "+name+" = "+text)
			}
		}
		for _, file := range p.files {
			ast.Inspect(file, func(n ast.Node) bool {
				f, ok := n.(*ast.FuncDecl)
				if !ok || f.Body == nil || !strings.HasSuffix(f.Name.Name, "CookieName") {
					return true
				}
				ast.Inspect(f.Body, func(n ast.Node) bool {
					if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING {
						value, _ := strconv.Unquote(text.Value)
						lines = append(lines, dir+" "+f.Name.Name+"() "+value)
					}
					return true
				})
				return true
			})
		}
	}
	return lines
}

// router lists method, path, file and function of each registration, and each place where the inner router is handed on.
func router(root string) (lines []string) {
	packs := load(root)
	byName := map[string]*pack{}
	for _, p := range packs {
		if old, twice := byName[p.name]; twice {
			for name, value := range p.consts {
				if _, has := old.consts[name]; !has {
					old.consts[name] = value
				}
			}
			continue
		}
		byName[p.name] = &pack{name: p.name, consts: copied(p.consts)}
	}
	for _, p := range packs {
		for path, file := range p.files {
			relative, _ := filepath.Rel(root, path)
			for _, declaration := range file.Decls {
				f, ok := declaration.(*ast.FuncDecl)
				if !ok || f.Body == nil {
					continue
				}
				public := publicRouters(f)
				if len(public) == 0 {
					continue
				}
				where := relative + " " + f.Name.Name
				lines = append(lines, registrations(f.Body, public, p, byName, where)...)
			}
		}
	}
	return lines
}

func copied(from map[string]ast.Expr) map[string]ast.Expr {
	to := map[string]ast.Expr{}
	for k, v := range from {
		to[k] = v
	}
	return to
}

// publicRouters names the parameters and local variables of a function that hold a public router.
func publicRouters(f *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	for _, parameter := range f.Type.Params.List {
		if strings.HasSuffix(text(parameter.Type), "RouterPublic") {
			for _, name := range parameter.Names {
				names[name.Name] = true
			}
		}
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 {
			if call, ok := a.Rhs[0].(*ast.CallExpr); ok && strings.HasSuffix(text(call.Fun), "NewRouterPublic") {
				if name, ok := a.Lhs[0].(*ast.Ident); ok {
					names[name.Name] = true
				}
			}
		}
		return true
	})
	return names
}

func registrations(body ast.Node, public map[string]bool, p *pack, byName map[string]*pack, where string) (lines []string) {
	loops := map[string][]string{}
	ast.Inspect(body, func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok {
			if name, ok := r.Value.(*ast.Ident); ok {
				if list, ok := r.X.(*ast.CompositeLit); ok {
					for _, element := range list.Elts {
						loops[name.Name] = append(loops[name.Name], strings.ToUpper(strings.TrimPrefix(text(element), "http.Method")))
					}
				}
			}
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if selector, ok := call.Fun.(*ast.SelectorExpr); ok && methods[selector.Sel.Name] {
			if name, ok := selector.X.(*ast.Ident); ok && public[name.Name] {
				method, arguments := []string{selector.Sel.Name}, call.Args
				if strings.HasPrefix(selector.Sel.Name, "Handle") {
					method = []string{strings.ToUpper(strings.TrimPrefix(text(arguments[0]), "http.Method"))}
					if many, ok := loops[text(arguments[0])]; ok {
						method = many
					}
					arguments = arguments[1:]
				}
				for _, m := range method {
					lines = append(lines, m+" "+evaluate(arguments[0], p, byName)+" "+where)
				}
			}
		}
		for _, argument := range call.Args {
			if inner, ok := argument.(*ast.SelectorExpr); ok && inner.Sel.Name == "Router" && public[text(inner.X)] {
				lines = append(lines, "HANDED-ON "+text(call.Fun)+" "+where)
			}
		}
		return true
	})
	return lines
}

// evaluate gives the value of a constant path expression.
func evaluate(e ast.Expr, p *pack, byName map[string]*pack) string {
	switch v := e.(type) {
	case *ast.BasicLit:
		value, _ := strconv.Unquote(v.Value)
		return value
	case *ast.BinaryExpr:
		return evaluate(v.X, p, byName) + evaluate(v.Y, p, byName)
	case *ast.ParenExpr:
		return evaluate(v.X, p, byName)
	case *ast.Ident:
		if value, ok := p.consts[v.Name]; ok {
			return evaluate(value, p, byName)
		}
	case *ast.SelectorExpr:
		if other, ok := byName[text(v.X)]; ok {
			if value, ok := other.consts[v.Sel.Name]; ok {
				return evaluate(value, other, byName)
			}
		}
	case *ast.CallExpr:
		if text(v.Fun) == "fmt.Sprintf" {
			format := evaluate(v.Args[0], p, byName)
			for _, argument := range v.Args[1:] {
				format = strings.Replace(format, "%s", evaluate(argument, p, byName), 1)
			}
			return format
		}
	}
	fail("cannot evaluate " + text(e) + " in package " + p.name)
	return ""
}

func literal(e ast.Expr) (string, bool) {
	if v, ok := e.(*ast.BasicLit); ok && v.Kind == token.STRING {
		value, err := strconv.Unquote(v.Value)
		return value, err == nil
	}
	return "", false
}

// text spells the simple expressions that are compared above.
func text(e ast.Expr) string {
	switch v := e.(type) {
	case *ast.Ident:
		return v.Name
	case *ast.SelectorExpr:
		return text(v.X) + "." + v.Sel.Name
	case *ast.StarExpr:
		return text(v.X)
	case *ast.CallExpr:
		return text(v.Fun) + "()"
	case *ast.BasicLit:
		value, _ := strconv.Unquote(v.Value)
		return value
	}
	return ""
}

// load parses every file that is neither a test nor test support, by directory.
func load(root string) map[string]*pack {
	packs := map[string]*pack{}
	files := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case "internal", "testhelpers", "test", "examples", "node_modules", "gen", "proto":
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		dir, _ := filepath.Rel(root, filepath.Dir(path))
		p, ok := packs[dir]
		if !ok {
			p = &pack{name: file.Name.Name, consts: map[string]ast.Expr{}, files: map[string]*ast.File{}}
			packs[dir] = p
		}
		p.files[path] = file
		for _, declaration := range file.Decls {
			g, ok := declaration.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for n, name := range v.Names {
					if n < len(v.Values) {
						p.consts[name.Name] = v.Values[n]
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		fail(err.Error())
	}
	return packs
}
