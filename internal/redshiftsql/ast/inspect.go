package ast

import "reflect"

// Inspect calls f with every node below root that is held by a pointer, parents
// first and in the order of their fields, root among them. Where f returns false
// it does not go deeper. Names and other nodes that are held as values are
// reached through the node that holds them. root is a node or a slice of nodes.
func Inspect(root any, f func(Node) bool) { inspect(reflect.ValueOf(root), f) }

func inspect(v reflect.Value, f func(Node) bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		if n, ok := v.Interface().(Node); ok && !f(n) {
			return
		}
		inspect(v.Elem(), f)
	case reflect.Interface:
		if !v.IsNil() {
			inspect(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			inspect(v.Index(i), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			inspect(v.Field(i), f)
		}
	}
}
