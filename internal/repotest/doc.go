// Package repotest tests the repository itself: who imports whom, that every
// package says what it is for, that files stay readable, and that README tells
// the truth. It holds tests only.
package repotest
