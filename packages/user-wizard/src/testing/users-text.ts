/** A users.yaml with this many users, laid out as a person would write them: ten lines each. */
export const usersText = (count: number): string =>
  `# users\ndefaults:\n  model: sonnet\nusers:\n${Array.from({ length: count }, (_, index) => entryText(index)).join("")}`;

const entryText = (index: number): string =>
  `  - telegram_id: ${100_000 + index}
    name: Person ${index}
    role: user
    os_user: person${index}
    github: gh-${index}
    max_budget: 5.5
    github_repos:
      - acme/repo-${index}
      - acme/other
    pr_review: true
`;
