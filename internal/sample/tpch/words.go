package tpch

import (
	"math/rand/v2"
	"strings"
)

// What the standard's queries ask for by name.
var (
	regions  = []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"}
	segments = []string{"AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"}
	urgency  = []string{"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"}
	instruct = []string{"DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"}
	modes    = []string{"REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"}
	types    = [3][]string{
		{"STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"},
		{"ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"},
		{"TIN", "NICKEL", "BRASS", "STEEL", "COPPER"},
	}
	boxes = [2][]string{
		{"SM", "LG", "MED", "JUMBO", "WRAP"},
		{"CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"},
	}
	// colors are what a part's name is made of; green and forest are asked for.
	colors = []string{
		"amber", "azure", "beige", "black", "blue", "bronze", "brown", "coral", "cream", "cyan", "dim", "dove",
		"forest", "ghost", "gold", "green", "grey", "indigo", "ivory", "jade", "khaki", "lace", "lemon", "lime",
		"linen", "maroon", "mint", "navy", "olive", "orange", "pale", "peach", "pink", "plum", "puff", "red",
		"rose", "royal", "sand", "sienna", "silver", "sky", "slate", "smoke", "snow", "steel", "tan", "teal",
		"violet", "wheat", "white", "yellow",
	}
)

type nation struct {
	name   string
	region int
}

var nations = []nation{
	{"ALGERIA", 0},
	{"ARGENTINA", 1},
	{"BRAZIL", 1},
	{"CANADA", 1},
	{"EGYPT", 4},
	{"ETHIOPIA", 0},
	{"FRANCE", 3},
	{"GERMANY", 3},
	{"INDIA", 2},
	{"INDONESIA", 2},
	{"IRAN", 4},
	{"IRAQ", 4},
	{"JAPAN", 2},
	{"JORDAN", 4},
	{"KENYA", 0},
	{"MOROCCO", 0},
	{"MOZAMBIQUE", 0},
	{"PERU", 1},
	{"CHINA", 2},
	{"ROMANIA", 3},
	{"SAUDI ARABIA", 4},
	{"VIETNAM", 2},
	{"RUSSIA", 3},
	{"UNITED KINGDOM", 3},
	{"UNITED STATES", 1},
}

// vocabulary is what comments are made of.
var vocabulary = strings.Fields(`a about above after again all along among and any around as at back before behind
below between both but by carefully carts clerks closely corners cranes daily deliveries depots desks docks doubtless
each early evenly every few final first five for four from furious gently half harbours hourly idle in into invoices
just keen ledgers little loads loud lower many notes now of offers on once only orders other over pallets parcels past
plain pledges prompt quays quick quiet ready receipts regular rest routes rush scales seals second sheds ships silent
since sleep slow some soon special stamps still stock tallies that the then third three to under until upon usual
wagons wait wake warehouses weigh while with yards yet`)

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// text is words of between least and most bytes.
func text(r *rand.Rand, least, most int) string {
	size := least + r.IntN(most-least+1)
	var b strings.Builder
	for b.Len() < size {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(pick(r, vocabulary))
	}
	return strings.TrimRight(b.String()[:size], " ")
}

// around is text with a first and, further on, a second word in it.
func around(r *rand.Rand, first, second string, most int) string {
	return text(r, 5, most/4) + " " + first + " " + text(r, 5, most/4) + " " + second + " " + text(r, 1, most/5)
}

const addressBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,."

func address(r *rand.Rand) string {
	b := make([]byte, 10+r.IntN(31))
	for i := range b {
		b[i] = addressBytes[r.IntN(len(addressBytes))]
	}
	return strings.TrimSpace(string(b))
}
