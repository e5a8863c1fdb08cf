/** The one stylesheet, for light and dark, from 320 px on. */
export const style = `
:root { color-scheme: light dark; --line: #c9c9c9; --soft: #f3f3f1; --ink: #1a1a1a; --quiet: #565656; --link: #0b57a4; --warn: #8a1c1c; --paper: #fff; }
@media (prefers-color-scheme: dark) { :root { --line: #4a4a4a; --soft: #222; --ink: #ededed; --quiet: #b4b4b4; --link: #8ab8f0; --warn: #ffb0a8; --paper: #161616; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; border-bottom: 1px solid var(--line); padding-block: .5rem; }
header nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; flex: 1 1 18rem; }
summary { min-height: 2rem; display: list-item; cursor: pointer; color: var(--link); }
header nav a { min-height: 2rem; display: inline-flex; align-items: center; }
header nav a[aria-current] { font-weight: 700; text-decoration: none; color: var(--ink); }
a { color: var(--link); }
h1 { font-size: 1.4rem; margin: 1rem 0 .5rem; }
h2 { font-size: 1.05rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
main > h2 { margin-top: 1.5rem; }
.card { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.card pre { background: var(--soft); margin: .5rem 0; padding: .5rem .75rem; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.45 ui-monospace, monospace; }
.line { display: block; white-space: break-spaces; padding-left: 2ch; text-indent: -2ch; }
.quoted { border-left: .2rem solid var(--quiet); padding-left: 3ch; }
.fresh button { pointer-events: none; border-style: dashed; }
.quiet { color: var(--quiet); }
.said { border-left: .3rem solid var(--link); padding: .5rem .75rem; background: var(--soft); overflow-wrap: anywhere; white-space: pre-wrap; }
.trouble { position: sticky; top: 0; z-index: 1; max-width: 60rem; margin: 0 auto; padding: 0 1rem; }
.said.refused { border-color: var(--warn); }
form.options { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
form.options label { flex: 1 1 100%; }
form[method=get].options label { flex: 1 1 10rem; }
input[type=text] { font: inherit; width: 100%; padding: .4rem .5rem; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: .3rem; }
button { font: inherit; min-height: 2.75rem; padding: .4rem .9rem; border: 1px solid var(--quiet); border-radius: .3rem; background: var(--soft); color: inherit; cursor: pointer; max-width: 100%; overflow-wrap: anywhere; text-align: left; }
header button { min-height: 2rem; padding: .1rem .6rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; min-width: 5rem; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .25rem 1rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.actions { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; margin-bottom: 1rem; }
.talk { list-style: none; padding: 0; margin: 1rem 0; display: grid; gap: .75rem; }
.talk > li { max-width: 44rem; border-left: .3rem solid var(--line); padding-left: .75rem; overflow-wrap: anywhere; }
.talk > li.own { border-color: var(--link); }
.talk p { margin: 0; }
.talk .text, .writing { white-space: pre-wrap; overflow-wrap: anywhere; }
.writing { border-left: .3rem dotted var(--quiet); padding-left: .75rem; color: var(--quiet); }
form.say { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: 1rem 0; }
form.say label { flex: 1 1 100%; }
textarea { font: inherit; width: 100%; padding: .4rem .5rem; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: .3rem; }
.ways { padding-left: 1.25rem; display: grid; gap: 1rem; }
.ways .text { margin: 0 0 .35rem; overflow-wrap: anywhere; }
.way { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .35rem; }
.way li { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .75rem; font-size: .92rem; overflow-wrap: anywhere; }
.way .reached { border-color: var(--link); }
.way .next { border-style: dashed; border-color: var(--quiet); }
.way .trouble { border-color: var(--warn); color: var(--warn); }
.screen { overflow-x: auto; padding: .75rem; border-radius: .3rem; background: #1a1a1a; color: #ededed; font: 13px/1.3 ui-monospace, monospace; }
.screen .c0 { color: #9e9e9e; } .screen .c1 { color: #ff8f80; } .screen .c2 { color: #7ddc7d; } .screen .c3 { color: #e0c860; }
.screen .c4 { color: #8ab4f8; } .screen .c5 { color: #e69cf0; } .screen .c6 { color: #6fd6d6; } .screen .c7 { color: #fff; }
.screen .bold { font-weight: 700; } .screen .faint { color: #b0b0b0; } .screen .inverse { background: #ededed; color: #1a1a1a; }
.spans { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.spans a { min-height: 2rem; display: inline-flex; align-items: center; }
.spans a[aria-current] { font-weight: 700; text-decoration: none; color: var(--ink); }
.usage { margin: 1.5rem 0; }
.plots { display: grid; gap: 1rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); }
figure { margin: 0; }
.plot { width: 100%; max-width: 36rem; height: auto; }
.plot text { font: 13px system-ui, sans-serif; fill: var(--ink); }
.plot .bars { fill: var(--link); }
.plot .axis { stroke: var(--quiet); fill: none; }
.plot .limit { stroke: var(--warn); stroke-width: 1.5; stroke-dasharray: 6 3; fill: none; }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
`;
