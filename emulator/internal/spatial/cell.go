package spatial

var cells = map[string]function{}
