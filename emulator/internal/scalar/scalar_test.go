package scalar

import (
	"strconv"
	"strings"
	"testing"
)

// values are what Redshift's documents and the specifications of the hashes promise:
// the function, its arguments split by |, and the value.
var values = []struct{ name, args, want string }{
	// SOUNDEX.md, DIFFERENCE.md, and the National Archives' examples of the Soundex.
	{"soundex", "Amazon", "A525"},
	{"soundex", "AWS Amazon", "A252"},
	{"soundex", "+-*/%", ""},
	{"soundex", "Tymczak", "T522"},
	{"soundex", "Pfister", "P236"},
	{"soundex", "Ashcraft", "A261"},
	{"soundex", "Lee", "L000"},
	{"soundex", "VanDeusen", "V532"},
	{"difference", "Amazon|+-*/%", "0"},
	{"difference", "+|-", "1"},
	{"difference", "AC/DC|Ay See Dee See", "4"},
	// r_STRTOL.md
	{"strtol", "0xf|16", "15"},
	{"strtol", "abcd1234|16", "2882343476"},
	{"strtol", "1234567|10", "1234567"},
	{"strtol", "1234567|8", "342391"},
	{"strtol", "110101|2", "53"},
	{"strtol", `\0|2`, "0"},
	{"strtol", "|10", "0"},
	{"strtol", "  -7fffffffffffffff|16", "-9223372036854775807"},
	{"strtol", "8000000000000000|16", "22003: The input 8000000000000000 is out of the range of bigint"},
	{"strtol", "1|37", "22023: base must be between 2 and 36"},
	{"strtol", "+-1|10", "22P02: The input +-1 is not valid to be converted to base 10"},
	{"octetindex", "q|Altuq", "5"},
	{"octetindex", "é|aéé", "2"},
	// crc32-function.md, SHA2.md
	{"crc32", "Amazon Redshift", "f2726906"},
	{"sha2", "|224", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f"},
	{"sha2", "abc|0", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"sha2", "abc|384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
	{"sha2", "abc|512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{"sha2", "abc|1", ""},
	// r_FNV_HASH.md
	{"fnv_hash", "4:1|", "-5968735742475085980"},
	{"fnv_hash", "2:1|", "589727492704079044"},
	{"fnv_hash", "8:1|", "-8517097267634966620"},
	{"fnv_hash", "t:Amazon Redshift|", "7783490368944507294"},
	{"fnv_hash", "t:Amazon Redshift|-5968735742475085980", "-2202602717770968555"},
	{"fnv_hash", "t:abcd|", "-281581062704388899"},
	// MURMUR3_32_HASH.md, and appendix B of Iceberg's specification
	{"murmur3_32_hash", "4:1|0", "1392991556"},
	{"murmur3_32_hash", "t:Amazon Redshift|0", "-1563580564"},
	{"murmur3_32_hash", "t:cd|-1681926305", "1711522338"},
	{"murmur3_32_hash", "t:abcd|0", "1139631978"},
	{"murmur3_32_hash", "8:34|0", "2017239379"},
	{"murmur3_32_hash", "n:14.20|0", "-500754589"},
	{"murmur3_32_hash", "8:17486|0", "-653330422"},
	{"murmur3_32_hash", "t:iceberg|0", "1210000089"},
	{"murmur3_32_hash", "x:00010203|0", "-188683207"},
	// r_GETBIT.md: from the right
	{"getbit", "5a|0", "0"},
	{"getbit", "5a|1", "1"},
	{"getbit", "0100|8", "1"},
	{"getbit", "01|8", "2202E: index 8 out of valid range, 0..7"},
	// REGEXP_INSTR.md
	{"regexp_instr", "Cum@accumsan.com|@[^.]*|1|1|0|false", "4"},
	{"regexp_instr", "The Home Depot Center|[cC]ent(er)$|1|1|0|false", "16"},
	{"regexp_instr", "the fox|(?i)FOX|1|1|0|false", "5"},
	{"regexp_instr", "abcabc|b|1|2|0|false", "5"},
	{"regexp_instr", "abcabc|bc|1|2|1|false", "7"},
	{"regexp_instr", "abcabc|b(c)|3|1|0|true", "6"},
	{"regexp_instr", "abc|b|9|1|0|false", "0"},
	{"regexp_instr", "abc|b|1|0|0|false", "0"},
	{"regexp_instr", "äöü|ü|0|1|0|false", "3"},
	// The pages of the array functions
	{"array_contains", `["red","green"]|"red"|true`, "true"},
	{"array_contains", `["red",null,"green"]|NULL|true`, "true"},
	{"array_contains", `["red",null,"green"]|"blue"|true`, "false"},
	{"array_contains", `["red","green"]|NULL|false`, "NULL"},
	{"array_contains", `["red",null,"green"]|"blue"|false`, "NULL"},
	{"array_position", `["red","green"]|"red"|true`, "0"},
	{"array_position", `[1,2.0,[3]]|2|true`, "1"},
	{"array_position", `[1]|"1"|true`, "-1"},
	{"array_positions", `["red","green","red"]|"red"|true`, "[0,2]"},
	{"array_positions", `["red"]|"blue"|true`, "[]"},
	{"array_distinct", `[1,1.0,"1",{"a":1,"b":2},{"b":2,"a":1}]`, `[1,"1",{"a":1,"b":2}]`},
	{"array_except", `["a","b","b","c"]|["b"]|false`, `["a","b","c"]`},
	{"array_except", `["a","b","b","c","c"]|["b"]|true`, `["a","c"]`},
	{"array_intersection", `["a","b","b","c"]|["b","b","b","a"]|false`, `["a","b","b"]`},
	{"array_intersection", `["a","b","b","c"]|["b","b","a"]|true`, `["a","b"]`},
	{"array_union", `["a","b"]|["b","c","a"]`, `["a","b","c"]`},
	{"arrays_overlap", `["a","b"]|["b"]`, "true"},
	{"arrays_overlap", `["a"]|["b"]`, "false"},
	{"array_flatten", `[[1,2],[3,[4]],5]`, `[1,2,3,[4],5]`},
	{"array_sort", `[2,1,"x",null,true,[1],{"a":1},10]|true|false`, `[true,1,2,10,"x",[1],{"a":1},null]`},
	{"array_sort", `[2,null,10]|false|true`, `[null,10,2]`},
	{"array_sort", `{"a":1}|true|false`, "NULL"},
	// Objects
	{"get_number_attributes", `{"a":1,"b":{"c":2}}`, "2"},
	{"lower_attribute_names", `{"AttributeName":"Value","B":[{"Cc":1}]}`, `{"attributename":"Value","b":[{"cc":1}]}`},
	{"upper_attribute_names", `{"a":{"b<":"<c>"}}`, `{"A":{"B<":"<c>"}}`},
	{"lower_attribute_names", `{"A":1,"a":2}`, "XX000: Invalid input: SUPER value has duplicate attributes after case conversion"},
	{
		"object_transform", `{"name":{"first":"John","last":"Doe"},"age":25,"ssn":"111-22-3333","company":"Company Inc.","country":"U.S."}|4|"name"."first"|"age"|"company"|"country"|"name"."first"|"JOHN"|"age"|30|"company"|"Amazon"`,
		`{"name":{"first":"JOHN"},"age":30,"company":"Amazon","country":"U.S."}`,
	},
	{"object_transform", `{"a":1}|0`, `{"a":1}`},
	{"object_transform", `[1]|1|"a"`, `[1]`},
	{"object_transform", `{"a":1,"b":2}|1|"a"|"c"."d"|[1]`, `{"a":1,"c":{"d":[1]}}`},
	{"object_transform", `{"a":1}|1|a`, "22023: invalid path a"},
	{"decimal_precision", "3.14159", "6"},
	{"decimal_scale", "3.14159", "5"},
	{"decimal_precision", `"x"`, "NULL"},
	// r_TO_CHAR.md, r_Numeric_formating.md; PostgreSQL's documents for the rest
	{"to_char", "-125.8|999D99S", "125.80-"},
	{"to_char", "125.8|999.99", " 125.80"},
	{"to_char", "618.80|rn", "          dcxix"},
	{"to_char", "64.60|rn", "            lxv"},
	{"to_char", "297.50|rn", "       ccxcviii"},
	{"to_char", "3999|FMRN", "MMMCMXCIX"},
	{"to_char", "618.80|l99999D99", "$   618.80"},
	{"to_char", "55.25|l99999D99", "$    55.25"},
	{"to_char", "12454.8|9,999,999.99", "    12,454.80"},
	{"to_char", "1234|0000099", " 0001234"},
	{"to_char", "-12|9999", "  -12"},
	{"to_char", "12345|999", " ###"},
	{"to_char", "0.1|0.9", " 0.1"},
	{"to_char", "-0.1|99.99", "  -.10"},
	{"to_char", "-0.1|FM9.99", "-.1"},
	{"to_char", "12|9990999.9", "    0012.0"},
	{"to_char", "12|FM9990999.9", "0012."},
	{"to_char", "485|999", " 485"},
	{"to_char", "-485|999", "-485"},
	{"to_char", "1485|9,999", " 1,485"},
	{"to_char", "148.5|FM999.990", "148.500"},
	{"to_char", "-485|999S", "485-"},
	{"to_char", "-485|999MI", "485-"},
	{"to_char", "485|999MI", "485 "},
	{"to_char", "485|FM999MI", "485"},
	{"to_char", "485|PL999", "+ 485"},
	{"to_char", "485|SG999", "+485"},
	{"to_char", "-485|SG999", "-485"},
	{"to_char", "-485|9SG99", "4-85"},
	{"to_char", "-485|999PR", "<485>"},
	{"to_char", "485|999PR", " 485 "},
	{"to_char", "482|999th", " 482nd"},
	{"to_char", "12|FM99TH", "12TH"},
	{"to_char", "485|\"Good number:\"999", "Good number: 485"},
	{"to_char", "1e3|9999", " 1000"},
	{"to_char", "NaN|9", "NaN"},
	// r_TO_DATE_function.md, r_TO_TIMESTAMP.md, r_FORMAT_strings.md
	{"to_timestamp", "02 Oct 2001|DD Mon YYYY|false|date", "2001-10-02"},
	{"to_timestamp", "20010631|YYYYMMDD|false|date", "2001-07-01"},
	{"to_timestamp", "20010631|YYYYMMDD|true|date", "22008: date/time field date value out of range: 2001-6-31"},
	{"to_timestamp", "2011-12-18 24:38:15|YYYY-MM-DD HH24:MI:SS|false|x", "2011-12-19 00:38:15.000000"},
	{"to_timestamp", "2011-12-18 24:38:15|YYYY-MM-DD HH24:MI:SS|true|x", "22008: date/time field time value out of range: 24:38:15.0"},
	{"to_timestamp", "2021-04-05 19:27:53.281812|YYYY-MM-DD HH24:MI:SS|false|x", "2021-04-05 19:27:53.000000"},
	{"to_timestamp", "2024|YYYY|false|x", "2024-01-01 00:00:00.000000"},
	{"to_timestamp", "January 5, 24 3 pm|Month DD, YY HH AM|false|x", "2024-01-05 15:00:00.000000"},
	{"to_timestamp", "FRIDAY   12 a.m. 1,999|DAY HH12 p.m. Y,YYY|false|x", "1999-01-01 00:00:00.000000"},
	{"to_timestamp", "05-XII-85|DD-RM-YY|false|date", "1985-12-05"},
	{"to_timestamp", "2024 366|YYYY DDD|false|date", "2024-12-31"},
	{"to_timestamp", "2020-W53-5|IYYY-\"W\"IW-ID|false|date", "2021-01-01"},
	{"to_timestamp", "2024 10|YYYY WW|false|date", "2024-03-04"},
	{"to_timestamp", "2024 02 2|YYYY MM W|false|date", "2024-02-08"},
	{"to_timestamp", "2460315|J|false|date", "2024-01-05"},
	{"to_timestamp", "0044-03-15 BC|YYYY-MM-DD AD|false|date", "0044-03-15 (BC)"},
	{"to_timestamp", "21 24|CC YY|false|date", "2024-01-01"},
	{"to_timestamp", "12:00:00.12|HH24:MI:SS.MS|false|x", "0001-01-01 12:00:00.120000"},
	{"to_timestamp", "12.000034|SS.US|false|x", "0001-01-01 00:00:12.000034"},
	{"to_timestamp", "abc|YYYY|false|date", `22007: invalid input syntax for type date: "abc"`},
	{"to_timestamp", "2024 UTC|YYYY TZ|false|date", `0A000: "TZ"/"tz"/"OF" format patterns are not supported in to_date`},
	// TEXT_TO_INT_ALT and TEXT_TO_NUMERIC_ALT
	{"text_to_int_alt", "123-", "-123"},
	{"text_to_int_alt", " 2147483647+", "2147483647"},
	{"text_to_int_alt", "-1.9", "-1"},
	{"text_to_int_alt", "1.5E+2", "150"},
	{"text_to_int_alt", "2147483648", `22003: "2147483648" is out of range for type integer`},
	{"text_to_numeric_alt", "1.5|38|0", "2"},
	{"text_to_numeric_alt", "2.5|38|0", "2"},
	{"text_to_numeric_alt", "2.51|38|0", "3"},
	{"text_to_numeric_alt", "-51.8255|38|3", "-51.826"},
	{"text_to_numeric_alt", "0.05|38|3", "0.050"},
	{"text_to_numeric_alt", "1000|3|0", "22003: Numeric data overflow (result precision)"},
	{"text_to_numeric_alt", "abc|3|0", `22P02: invalid input syntax for a number: "abc"`},
}

func call(name, args string) string {
	f, ok := Lookup(name)
	if !ok {
		return "no function"
	}
	var list []Arg
	for a := range strings.SplitSeq(args, "|") {
		list = append(list, Arg{Text: a, Null: a == "NULL"})
	}
	text, ok, err := f(list)
	switch {
	case err != nil:
		return err.Error()
	case !ok:
		return "NULL"
	}
	return text
}

func TestValues(t *testing.T) {
	t.Parallel()
	for _, v := range values {
		if got := call(v.name, v.args); got != v.want {
			t.Errorf("%s(%s)\n got %s\nwant %s", v.name, v.args, got, v.want)
		}
	}
}

// TestFarmFingerprint: values of FarmHash's reference implementation.
func TestFarmFingerprint(t *testing.T) {
	t.Parallel()
	for want, s := range map[uint64]string{
		0x9ae16a3b2f90404f: "",
		0xb3454265b6df75e3: "a",
		0x24a5b3a074e7f369: "abc",
		0x1a5502de4a1f8101: "abcd",
		0x588fb7478bd6b01b: "hello world",
		0x80d73b843ba57db8: "size:  a.out:  bad magic",
		0xb944f8a16261e414: "C is as portable as Stonehedge!!",
		0xe8f89ab6df9bdd25: "Discard medicine more than two years old.",
		0x2a578b80bb82147c: "The days of the digital watch are numbered.  -Tom Stoppard",
		0x55182f8859eca4ce: "For every action there is an equal and opposite government program.",
		0x098eff6958c5e91a: "The fugacity of a constituent in a mixture of gases at a given temperature is proportional to its mole fraction.  Lewis-Randall Rule",
	} {
		if got := call("farmfingerprint64", "t:"+s); got != strconv.FormatInt(int64(want), 10) {
			t.Errorf("%q: got %s, want %x", s, got, want)
		}
	}
}

// FuzzCall calls every function with whatever texts; none may panic.
func FuzzCall(f *testing.F) {
	for _, v := range values {
		f.Add(v.name, v.args)
	}
	f.Fuzz(func(t *testing.T, name, args string) {
		if got := call(name, args); len(got) > 64<<10+16*len(args) {
			t.Errorf("%s(%.100q): %d bytes", name, args, len(got))
		}
	})
}
