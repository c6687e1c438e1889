package sample

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

var metrics = []string{"faithfulness", "relevance", "toxicity"}

// What follows is there to be awkward: quotes, delimiters, backslashes, line
// breaks, NULL markers as text, leading and trailing blanks, wide Unicode.
var (
	customers = []string{
		"acme", "globex", "initech", "umbrella, inc.", `o'neill "labs"`, "naïve café", "東京データ", "Übermut|GmbH",
		`back\slash`, "emoji 🚀 & co", " padded ", "NULL", `\N`, "Ελλάς", "tab\there",
	}
	judges   = []string{"gpt-judge", "panel of 3", "jürgen", "評価者"}
	comments = []string{"", "fine", `said "no" twice`, "line one\nline two", "a, b; c | d", `C:\temp\new`, "très bien 👍"}
	prompts  = []string{
		"Summarise the ticket.", `Translate "straße" to English`, "Explain O(n log n)\nin two lines", "日本語で答えて",
		"List: a, b, c", `Why is \d+ greedy?`, "🤔?", "",
	}
)

func makeModels() []Model {
	vendors := []string{"Northwind AI", "Contoso", "Ødegård & Søn", "深度求索", "O'Reilly \"Labs\""}
	families := []string{"swift", "sage", "atlas", "mini"}
	notes := []string{"", "cheap, fast; \"good enough\"", "deprecated\nuse atlas", "größeres Kontextfenster", `path C:\models`}
	var models []Model
	for i := range 24 {
		vendor := vendors[i%len(vendors)]
		in := int64(150 + 350*(i%7)*(i%7))
		m := Model{
			ID:            int32(i + 1),
			Name:          fmt.Sprintf("%s-%d.%d", families[i%len(families)], 1+i/8, i%8),
			Vendor:        vendor,
			ContextWindow: int32(8192 << (i % 5)),
			PriceIn:       in,
			PriceOut:      in * 4,
			Released:      time.Date(2024, time.Month(1+i), 1+i, 0, 0, 0, 0, time.UTC),
		}
		if i%3 != 0 {
			m.Notes = &notes[i%len(notes)]
		}
		models = append(models, m)
	}
	return models
}

// payload is the JSON document of a call.
func payload(r *rand.Rand, c Call) string {
	doc := struct {
		Prompt      string   `json:"prompt"`
		Temperature float64  `json:"temperature"`
		Tags        []string `json:"tags"`
		Usage       struct {
			In  int32 `json:"in"`
			Out int32 `json:"out"`
		} `json:"usage"`
		Error *string `json:"error"`
	}{Prompt: prompts[r.IntN(len(prompts))], Temperature: float64(r.IntN(11)) / 10, Tags: []string{}}
	doc.Usage.In, doc.Usage.Out = c.PromptTokens, c.CompletionTokens
	for range r.IntN(3) {
		doc.Tags = append(doc.Tags, customers[r.IntN(len(customers))])
	}
	if c.Status != "ok" {
		text := "the model answered: " + c.Status
		doc.Error = &text
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) // strings and finite numbers always marshal
	}
	return string(b)
}
