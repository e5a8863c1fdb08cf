import type { Scope } from "@nc/container-config";

const own = `
## The admin CLI: \`ncl\`

\`ncl\` shows and changes how this host is set up for your own agent group. Ask it rather than guess when somebody asks about the
group's settings, people, chats or destinations.

    ncl help                              what you may use
    ncl help groups config                one command, with its flags
    ncl groups get                        your group
    ncl groups config get                 what your container runs with, and what a restart would change
    ncl members list                      who may talk to you
    ncl destinations list                 where you may send to
    ncl sessions list                     your group's conversations
    ncl tasks list                        what you do at set times
    ncl groups config history             who changed what, and why
    ncl can members add --user telegram:7 whether you may, without doing it

These wait for a person:

    ncl groups config update --model claude-opus-4-5
    ncl groups config update --unset model,effort
    ncl groups config add-mcp-server --name tools --url https://tools.example/mcp --restart
    ncl groups install-packages --apt jq --npm prettier    in containers; in sandboxes npm alone
    ncl groups restart --message Continue
    ncl tasks create --at 16:30 --text Dentist    at a set time; also --every 6h, or --cron "0 8 * * 1-5" on weekdays

\`remove-mcp-server\`, \`remove-package\` and \`rollback --to N\` take back what was added. \`tasks pause\` and \`tasks delete\` run
at once. Each run of a task is a message to you; what you answer goes to the chat. Times are of your group's timezone.

Your group's id is filled in for you. Another group's id is refused, and so are other resources and your own scope.`;

const everything = `
## The admin CLI: \`ncl\`

\`ncl\` shows and changes how this host is set up, for every agent group: you are the owner's agent. Ask it rather than guess when
somebody asks about groups, people, chats or settings. Say what you are going to change, and for which group, before you do.

    ncl help                              every resource and verb
    ncl help groups config                one command, with its flags
    ncl groups list                       all agent groups
    ncl groups config get <group-id>      what a group's containers run with
    ncl wirings list                      which group answers in which chat
    ncl roles list                        owners and admins
    ncl approvals list                    what waits for a person
    ncl can groups delete --id <group-id> whether you may, without doing it

These wait for a person:

    ncl groups config update <group-id> --model claude-opus-4-5
    ncl groups config update <group-id> --unset model,effort
    ncl groups install-packages <group-id> --apt jq    in containers; in sandboxes npm alone
    ncl groups restart <group-id> --message Continue

Nothing is filled in for you: name the group. What only the operator may do (mounts, for one) is refused.`;

const approvals = `
What changes something waits for a person: the answer is \`approval-pending\` and exit code 3. It has not been done, and it is no
error. Do not repeat it or wait in a loop; go on, and tell whoever asked that it waits. The result, or the refusal, reaches you
as a system message. Give a secret only with the flag meant for it, such as \`--env\`, and never print one.

Write a flag as \`--name value\` or \`--name=value\`, and quote a value with spaces: \`--message "Look again"\`. \`--reason TEXT\`
with a change stays in its history. A saved change reaches you when your container starts again: \`ncl groups restart\` ends you, and
\`--message\` is what the new container is told first. \`ncl groups config get\` names what waits for a restart, and what has no effect.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 waits for a person. \`--json\` prints the answer as one document.`;

/** Instructions for an agent's use of \`ncl\` in each scope, as Markdown; empty if the CLI is disabled. */
export const cliInstructions: Readonly<Record<Scope, string>> = {
  disabled: "",
  group: `${own}\n${approvals}`.trim(),
  global: `${everything}\n${approvals}`.trim(),
};
