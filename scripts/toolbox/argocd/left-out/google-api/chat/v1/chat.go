// Package chat has the names by which Argo CD's notifications describe cards of Google Chat. The cards are empty: nobody
// here is notified by Argo CD.
package chat

// Card is empty.
type Card struct{}

// GoogleAppsCardV1Card is empty.
type GoogleAppsCardV1Card struct{}

// CardWithId names a card.
type CardWithId struct {
	CardId string                `json:"cardId,omitempty"`
	Card   *GoogleAppsCardV1Card `json:"card,omitempty"`
}
