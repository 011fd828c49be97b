// Command ignore tells what BuildKit makes of ignore files: it reads cases from standard input, one JSON object a line,
// and answers each with one line. It calls what BuildKit's client calls: ignorefile reads the file, fsutil's filter walks
// the folder that is sent.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

type question struct {
	// The text of the ignore file.
	Text string `json:"text"`
	// The files there are, each after those of its folder's siblings that sort before it.
	Paths []string `json:"paths"`
}

type answer struct {
	// Why the ignore file is refused.
	Error string `json:"error,omitempty"`
	// The files that are sent.
	Listed []string `json:"listed"`
	// Those of them that arrive without their content.
	Empty []string `json:"empty"`
}

// files is a file system of empty files.
type files []string

func (all files) Walk(_ context.Context, _ string, fn iofs.WalkDirFunc) error {
	seen := map[string]bool{}
	skipped := ""
	for _, path := range all {
		names := strings.Split(path, "/")
		for depth := range names {
			at := strings.Join(names[:depth+1], "/")
			if skipped != "" && strings.HasPrefix(at, skipped) || seen[at] {
				continue
			}
			seen[at] = true
			stat := &types.Stat{Path: at, Mode: 0o644}
			if depth < len(names)-1 {
				stat.Mode = uint32(os.ModeDir) | 0o755
			}
			err := fn(at, &fsutil.DirEntryInfo{Stat: stat}, nil)
			if errors.Is(err, iofs.SkipDir) && depth < len(names)-1 {
				skipped = at + "/"
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}

func (all files) Open(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("")), nil }

func ask(asked question) (answer, error) {
	said := answer{Listed: []string{}, Empty: []string{}}
	patterns, err := ignorefile.ReadAll(strings.NewReader(asked.Text))
	if err != nil {
		return said, err
	}
	// A pattern is compiled when it is first held against a path, so that one which is never reached is never refused.
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return said, err
	}
	for _, pattern := range matcher.Patterns() {
		if pattern.String() == "/" {
			continue // it cannot stand behind a "!"
		}
		alone, err := patternmatcher.New([]string{"**", "!" + pattern.String()})
		if err == nil {
			_, err = alone.MatchesOrParentMatches("x")
		}
		if err != nil {
			return said, err
		}
	}
	sent, err := fsutil.NewFilterFS(files(asked.Paths), &fsutil.FilterOpt{ExcludePatterns: patterns})
	if err != nil {
		return said, err
	}
	err = sent.Walk(context.Background(), "/", func(path string, entry iofs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		said.Listed = append(said.Listed, path)
		if _, err := sent.Open(path); err != nil {
			said.Empty = append(said.Empty, path)
		}
		return nil
	})
	return said, err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	write := json.NewEncoder(out)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		said, err := ask(asked)
		if err != nil {
			said.Error = err.Error()
		}
		if err := write.Encode(said); err != nil {
			panic(err)
		}
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}
