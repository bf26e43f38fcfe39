import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { format } from '#lib/format/format.ts';
import { failedParts, type Report } from '#lib/reports/report.ts';
import { reportWords } from '#lib/reports/words.ts';

/*
 * The page as Typst sets it. Everything it shows comes as data, so that nothing a figure or a name holds is read as a command; headings,
 * tables with their header cells, and the language become tags of the PDF by themselves (PDF/UA-1).
 */
const page = `
#let d = json(bytes(sys.inputs.report))
#let w = d.words
#set document(title: d.title, author: d.organisation, date: none)
#set text(lang: d.language, font: "Libertinus Serif", size: 10pt)
#set page(paper: "a4", margin: (x: 18mm, top: 18mm, bottom: 20mm), numbering: "1 / 1",
  footer: context [#set text(size: 8pt, fill: luma(35%)); #d.title #h(1fr) #w.page #counter(page).display("1 / 1", both: true)])
#set table(stroke: (x, y) => (bottom: if y == 0 { 0.8pt + luma(20%) } else { 0.3pt + luma(75%) }), inset: (x: 4pt, y: 3.5pt))
#show heading.where(level: 1): set text(size: 19pt)
#show heading.where(level: 2): set text(size: 13pt)
#show heading.where(level: 2): set block(above: 18pt, below: 8pt)
#show table: set text(hyphenate: false)
= #d.title
#text(fill: luma(30%))[#d.organisation. #d.made]
#for notice in d.notices [#parbreak()#strong(notice)]
#for s in d.sections {
  heading(level: 2, s.title)
  if "sentence" in s { block(sticky: true, strong(s.sentence)) }
  block(sticky: true, text(size: 9pt, fill: luma(30%))[#s.period#if "note" in s [, #s.note].])
  if s.rows.len() == 0 [#parbreak()#s.empty] else {
    set text(size: if s.columns.len() > 9 { 7pt } else if s.columns.len() > 6 { 8pt } else { 9pt })
    table(
      columns: s.columns.len(),
      align: (x, y) => if s.columns.at(x).numeric { right } else { left },
      table.header(..s.columns.map(c => strong(c.label))),
      ..s.rows.flatten().map(cell => [#cell])
    )
  }
  if "withheld" in s [#text(size: 8.5pt)[#s.withheld]#parbreak()]
  text(size: 8.5pt, fill: luma(25%))[#emph[#w.definition.] #s.definition]
  for c in s.columns { if "definition" in c [#parbreak()#text(size: 8.5pt, fill: luma(25%))[#emph[#c.label.] #c.definition]] }
}
`;

let compiler: NodeCompiler | undefined;

/** The PDF of a report: tagged, PDF/UA-1. @throws with the typesetter's own words when it cannot be set */
export async function typeset(report: Report): Promise<Buffer> {
  const say = reportWords(report.language);
  const { dateTime } = format(report.language);
  const failed = failedParts(report);
  compiler ??= NodeCompiler.create();
  const data = {
    ...report,
    words: { page: say.page, definition: say.definition },
    made: say.made(dateTime(new Date(report.madeAt))),
    notices: [
      ...(failed.length > 0 ? [say.incomplete(failed)] : []),
      ...(report.simulated ? [say.simulated] : []),
      ...(report.finished ? [] : [say.runningWhy])
    ]
  };
  const compiled = compiler.compile({ mainFileContent: page, inputs: { report: JSON.stringify(data) } });
  const { result } = compiled;
  if (compiled.hasError() || result === null) {
    const told = compiled.takeDiagnostics();
    throw new Error(`the report could not be set: ${JSON.stringify(told?.shortDiagnostics ?? [])}`);
  }
  const pdf = compiler.pdf(result, {
    pdfStandard: 'ua-1',
    pdfTags: true,
    creationTimestamp: Math.floor(Date.parse(report.madeAt) / 1000)
  });
  compiler.evictCache(0);
  return pdf;
}
