/** The client's own help. It needs no host. */
export const usage = `Usage: ncl <resource> <verb> [id or unique name] [--flag value]...

Asks the Gatehouse host for what it has, and changes it. The host knows the commands:
  ncl help                          what you can do
  ncl groups help                   the verbs of one resource
  ncl groups config update --help   the flags of one verb; it is not run

Options:
  --socket PATH     the host's socket (default: ncl.sock in the data folder)
  --data DIR        the data folder (default: GATEHOUSE_DATA, else ~/.gatehouse)
  --json            print the host's answer as one JSON document
  --wide            whole ids, times and every column; a pipe always gets them
  --stdin-json      take more flags from stdin: one JSON object of at most 64 KiB
  --as-group GROUP  ask as an agent of that group would: what it may not do is refused, and nothing is held
  --timeout S       seconds to wait for the host (default: 30)
  --version
  -h, --help

Words behind "--" are taken as they are; a value that starts with "--" is written --flag=--value.

Examples:
  gatehouse up                                  start the host
  ncl groups list
  ncl groups create --name Ada --folder ada
  ncl groups config update ag-1 --model opus
  ncl can groups delete --as-group ag-1         may its agent do that?
  ncl groups list --as-group ada                what its agent sees
  ncl approvals list --json
  ncl groups config update ag-1 --stdin-json <settings.json
  source <(ncl completion bash)                 also: zsh, fish

Exit codes:
  0 done (can: allow)   1 refused or failed (can: deny)   2 usage, or no host   3 waits for an approval (can: approve)
`;
