/**
 * Texts that somebody may put wherever we show what others wrote: a commit's title, an author's name, a branch, a hold's
 * reason, a pod's log, what Docker, Terraform or git say. None may be obeyed by a terminal, the runner, Markdown, HTML
 * or a shell.
 */
export const nastyTexts: readonly string[] = [
  // For the runner.
  "::add-mask::a",
  "::error file=a.ts,line=1::broken",
  "::set-output name=result::released",
  "::stop-commands::pause",
  "  \u2003::warning::behind white space",
  "\ufeff::notice::behind a mark",
  "over\r::add-mask::released",
  "first\n::add-mask::second\n##[group]third",
  "##[add-mask]a",
  "a line with ##[error]in its middle",
  "##[##[command]]",
  ":::::",
  // For a terminal.
  "\x1b[2J\x1b]0;title\x07\x9b31m",
  "user\u202egnp.exe",
  "\0\b\b\b",
  // For Markdown and HTML.
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "</details></td></tr></table><h1>big</h1>",
  "<!-- slipway-plan-dev -->",
  "&lt;b&gt; &#60;b&#62;",
  "[text](https://example.test) ![i](https://example.test/i.png)",
  "[text][1]\n\n[1]: https://example.test",
  "https://example.test www.example.test someone@example.test",
  "@everyone and @org/team, see #1 and org/repo#2, GH-3",
  "**bold** _it_ ~~gone~~ `code` ``two``",
  "```\nfence\n````\n~~~",
  "# heading",
  "text\n===\ntext\n---",
  "- item\n* item\n+ item\n1. item\n2) item\n- [ ] task",
  "> quote\n    code\n\tcode",
  "a | b |\n| --- | --- |\n\\| c",
  "\\",
  "trailing\\\\\\",
  "$x^2$ $$y$$",
  "[^1]\n\n[^1]: note",
  // For a shell and for workflow expressions.
  "$(id) `id` ${HOME} ; rm -rf / && false || true #",
  "${{ github.token }} {{ .Values.x }}",
  "'\"'\"'",
  "EOF\nghadelimiter\nresult=released",
  "../../../etc/passwd",
  "x".repeat(5_000),
];
