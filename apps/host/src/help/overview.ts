/**
 * `gatehouse --help`: at most 45 lines, which `main.ts` prints without loading a command. A test compares its words with the
 * commands.
 */
export const overview = `Usage: gatehouse COMMAND [options]

Starts coding agents in their folders, trusted, with nobody at the keyboard.

Agents
  run DIR          trust the folder and start the agent in it
  doctor           check what a run needs, and say how to fix what is missing
  ps               list the agents, and what each of them waits for
  send, screen     type a prompt to an agent; print its screen
  answer           answer the question that an agent waits at
  attach, stop     connect this terminal to an agent; end an agent
  launch, launches start a team's agents together; list the launches
Host
  start            everything in one: the first group, the host, and a chat
  demo             show a host at work in a temporary folder, without a key
  init             make the owner's group, once, before the host starts
  up, down         run the host of the data folder; stop it
  service          run the host at boot, and again after a crash
  status, logs     show what the host does and what waits; what it did
  chat, history    write to a group's agent; show what was said
  console          print a link that signs a browser in to the host's pages
  users, channels  add people; add a messenger from which they write
  secrets, prices  the vendors' keys; what the models cost
  usage, mounts    what agents used; the folders that groups may mount
  image, agents    the image of containers; try an agent that speaks ACP
  providers        let groups have an agent that was tried
  machines         invite another machine to run a group's agents
  machine          run a group's agents here, for a host elsewhere
  import, database read a nanoclaw folder; move a database to PostgreSQL
  backup, restore  copy a host to one file, and check it; make a host from it
  upgrade          try a new program on a copy of the database; go back
  uninstall        list or remove all that a host has left on this machine
Other
  completion       print the script that completes words on Tab
  help             the help of a command, or of a topic

Options
  --data DIR       the data folder (default: GATEHOUSE_DATA, else ~/.gatehouse)
  --json           print one JSON document on stdout, and nothing else
  --version        print the version

Begin with  gatehouse run ~/repo  or  gatehouse demo
gatehouse help COMMAND    what a command does, its options, and examples
gatehouse help TOPIC      examples, exit-codes, environment
`;
