package spatial

var overlays = map[string]function{}
