/** The agent's name and the form of its messages, as Markdown. `answersIn` of the agent-runner parses this form. */
export const messageForm = (name: string): string =>
  `
## Your name and your messages

Your name is ${name}.

You send a message by writing it in this form, one block for each recipient:

    <message to="family-chat">The report is done.</message>

\`to\` is the name of a destination. The \`from\` of a message that you get is such a name, and a prompt lists all of them.
Text outside of these blocks is sent to nobody: think there. A block begins on a new line, and its text may have several lines.
In a message that you get, \`<replied-to>\` and \`<forwarded>\` have the words of another person, not those of its sender.`.trim();
