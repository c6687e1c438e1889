package tpch

import (
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// Config says which database.
type Config struct {
	// Seed. Defaults to 1.
	Seed uint64
	// Scale is the standard's scale factor: 1 is about 1 GB of text, 6 million
	// lines of orders. Defaults to 0.01; at most 10, at least 0.001.
	Scale float64
}

// Validate names what is wrong.
func (c Config) Validate() error {
	if c.Scale != 0 && !(c.Scale >= 0.001 && c.Scale <= 10) {
		return fmt.Errorf("the scale is %v; it takes 0.001 to 10", c.Scale)
	}
	return nil
}

// Database is a database of the TPC-H schema. It is safe for concurrent use.
type Database struct {
	seed                                uint64
	suppliers, customers, parts, orders int
}

// New makes the database that cfg describes.
func New(cfg Config) (*Database, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Seed == 0 {
		cfg.Seed = 1
	}
	if cfg.Scale == 0 {
		cfg.Scale = 0.01
	}
	rows := func(n float64) int { return max(int(math.Round(n*cfg.Scale)), 1) }
	return &Database{cfg.Seed, rows(10_000), rows(150_000), rows(200_000), rows(1_500_000)}, nil
}

// The first and the last day of orders, and the day on which the data was looked
// at: what was shipped after it is open.
var (
	firstDay = time.Date(1992, 1, 1, 0, 0, 0, 0, time.UTC)
	lastDay  = time.Date(1998, 8, 2, 0, 0, 0, 0, time.UTC)
	today    = time.Date(1995, 6, 17, 0, 0, 0, 0, time.UTC)
)

// row is a row's values in the order of the columns.
type row []string

// money is an amount of cents.
func money(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

func number[T int | int64](n T) string { return fmt.Sprint(n) }

// rows gives the rows of a table. Each table has a stream of random numbers of
// its own.
func (d *Database) rows(table string) iter.Seq[row] {
	switch table {
	case "region":
		return numbered(d.random(1), len(regions), func(r *rand.Rand, i int) row {
			return row{number(i - 1), regions[i-1], text(r, 31, 115)}
		})
	case "nation":
		return numbered(d.random(2), len(nations), func(r *rand.Rand, i int) row {
			return row{number(i - 1), nations[i-1].name, number(nations[i-1].region), text(r, 31, 114)}
		})
	case "supplier":
		return numbered(d.random(3), d.suppliers, supplier)
	case "customer":
		return numbered(d.random(4), d.customers, customer)
	case "part":
		return numbered(d.random(5), d.parts, part)
	case "partsupp":
		return d.partsupp
	case "orders":
		return func(yield func(row) bool) {
			for o := range d.sales {
				if !yield(o) {
					return
				}
			}
		}
	case "lineitem":
		return func(yield func(row) bool) {
			for _, lines := range d.sales {
				for _, l := range lines {
					if !yield(l) {
						return
					}
				}
			}
		}
	}
	return nil
}

func (d *Database) random(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(d.seed, stream)) }

func numbered(r *rand.Rand, n int, f func(r *rand.Rand, i int) row) iter.Seq[row] {
	return func(yield func(row) bool) {
		for i := 1; i <= n; i++ {
			if !yield(f(r, i)) {
				return
			}
		}
	}
}

func phone(r *rand.Rand, nation int) string {
	return fmt.Sprintf("%d-%d-%d-%d", nation+10, 100+r.IntN(900), 100+r.IntN(900), 1000+r.IntN(9000))
}

func balance(r *rand.Rand) string { return money(int64(r.IntN(1_099_999)) - 99_999) }

func supplier(r *rand.Rand, i int) row {
	n := r.IntN(len(nations))
	comment := text(r, 25, 100)
	switch i % 40 {
	case 7:
		comment = around(r, "Customer", "Complaints", 80)
	case 27:
		comment = around(r, "Customer", "Recommends", 80)
	}
	return row{number(i), fmt.Sprintf("Supplier#%09d", i), address(r), number(n), phone(r, n), balance(r), comment}
}

func customer(r *rand.Rand, i int) row {
	n := r.IntN(len(nations))
	return row{number(i), fmt.Sprintf("Customer#%09d", i), address(r), number(n), phone(r, n), balance(r), pick(r, segments), text(r, 29, 116)}
}

// retail is a part's price in cents.
func retail(part int) int64 { return int64(90_000 + (part/10)%20_001 + 100*(part%1000)) }

func part(r *rand.Rand, i int) row {
	names := r.Perm(len(colors))[:5]
	words := make([]string, len(names))
	for n, c := range names {
		words[n] = colors[c]
	}
	mfgr := 1 + r.IntN(5)
	return row{
		number(i), strings.Join(words, " "), fmt.Sprintf("Manufacturer#%d", mfgr), fmt.Sprintf("Brand#%d%d", mfgr, 1+r.IntN(5)),
		pick(r, types[0]) + " " + pick(r, types[1]) + " " + pick(r, types[2]), number(1 + r.IntN(50)),
		pick(r, boxes[0]) + " " + pick(r, boxes[1]), money(retail(i)), text(r, 5, 22),
	}
}

// seller is the nth of a part's four suppliers: the standard's formula, but for
// scales so small that it would name one of them twice.
func (d *Database) seller(part, nth int) int {
	s := d.suppliers
	return (part+nth*(s/4+(part-1)/s%max(s/12, 1)))%s + 1
}

func (d *Database) partsupp(yield func(row) bool) {
	r := d.random(6)
	for p := 1; p <= d.parts; p++ {
		for nth := range 4 {
			if !yield(row{number(p), number(d.seller(p, nth)), number(1 + r.IntN(9999)), money(100 + int64(r.IntN(99_901))), text(r, 49, 198)}) {
				return
			}
		}
	}
}

// sales gives each order with its lines.
func (d *Database) sales(yield func(order row, lines []row) bool) {
	r := d.random(7)
	days := int(lastDay.Sub(firstDay).Hours()/24) + 1
	clerks := max(d.orders/1500, 1)
	for i := range d.orders {
		// Of each 32 keys 8 are used, and a third of the customers never order.
		key := int64(i/8)*32 + int64(i%8) + 1
		buyer := 1 + r.IntN(d.customers)
		for buyer%3 == 0 && d.customers > 2 {
			buyer = 1 + r.IntN(d.customers)
		}
		ordered := firstDay.AddDate(0, 0, r.IntN(days))
		var total int64
		var shipped int
		lines := make([]row, 1+r.IntN(7))
		for n := range lines {
			p, quantity := 1+r.IntN(d.parts), 1+r.IntN(50)
			discount, tax := int64(r.IntN(11)), int64(r.IntN(9))
			price := int64(quantity) * retail(p)
			// Rounded to cents line by line.
			total += (price*(100+tax)*(100-discount) + 5000) / 10_000
			ship := ordered.AddDate(0, 0, 1+r.IntN(121))
			commit, receipt := ordered.AddDate(0, 0, 30+r.IntN(61)), ship.AddDate(0, 0, 1+r.IntN(30))
			flag, status := "N", "O"
			if !receipt.After(today) {
				flag = pick(r, []string{"R", "A"})
			}
			if !ship.After(today) {
				status = "F"
				shipped++
			}
			lines[n] = row{
				number(key), number(p), number(d.seller(p, r.IntN(4))), number(n + 1), money(int64(quantity) * 100), money(price), money(discount), money(tax),
				flag, status, day(ship), day(commit), day(receipt), pick(r, instruct), pick(r, modes), text(r, 10, 43),
			}
		}
		status := "P"
		switch shipped {
		case 0:
			status = "O"
		case len(lines):
			status = "F"
		}
		comment := text(r, 19, 78)
		if r.IntN(60) == 0 {
			comment = around(r, "special", "requests", 60)
		}
		order := row{number(key), number(buyer), status, money(total), day(ordered), pick(r, urgency), fmt.Sprintf("Clerk#%09d", 1+r.IntN(clerks)), "0", comment}
		if !yield(order, lines) {
			return
		}
	}
}
