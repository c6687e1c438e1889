package bind

var jsonFunctions []overload

var jsonSpecials = map[string]special{}
