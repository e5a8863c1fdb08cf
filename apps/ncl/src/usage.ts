/** The client's help, which needs no host. */
export const usage = `Usage: ncl <resource> <verb> [id or unique name] [--flag value]...

Shows and changes the state of a Gatehouse host. The host lists its commands:
  ncl help                          what you can do
  ncl groups help                   the verbs of one resource
  ncl groups config update --help   the flags of one verb, without running it

Options:
  --socket PATH     the host's socket (default: ncl.sock in the data folder)
  --data DIR        the data folder (default: GATEHOUSE_DATA, else ~/.gatehouse)
  --json            print the host's answer as one JSON document
  --wide            whole ids, times and every column; a pipe always gets them
  --stdin-json      take more flags from stdin: one JSON object of at most 64 KiB
  --as-group GROUP  ask as an agent of that group: a command outside its rights is refused, without an approval
  --timeout S       seconds to wait for the host (default: 30)
  --version
  -h, --help

Words after "--" are not flags. Write a value that starts with "--" as --flag=--value.

Examples:
  gatehouse up                                  start the host
  ncl groups list
  ncl groups create --name Ada --folder ada
  ncl groups config update ag-1 --model opus
  ncl can groups delete --as-group ag-1         whether its agent may do that
  ncl groups list --as-group ada                the groups that its agent sees
  ncl approvals list --json
  ncl groups config update ag-1 --stdin-json <settings.json
  source <(ncl completion bash)                 also: zsh, fish

Exit codes:
  0 done (can: allow)   1 refused or failed (can: deny)   2 usage, or no host   3 waits for an approval (can: approve)
`;
