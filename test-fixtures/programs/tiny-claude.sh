#!/bin/sh
# An agent as small as can be: Claude Code's composer, drawn at once, and nothing behind it. It takes 2 ms to start, where a
# program of Node takes 40, so hundreds of them can be started. Link to it by the name `claude`.
case " $* " in
*" --version "*)
  echo "2.1.328 (Claude Code)"
  exit 0
  ;;
esac
rule=────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
printf '\033[?25l\033[H\033[2Jtiny agent\r\n\r\n%s\r\n❯ \r\n%s\r\n  ? for shortcuts' "$rule" "$rule"
exec sleep 600
