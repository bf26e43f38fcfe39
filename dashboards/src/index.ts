export { Board } from './board.ts';
export type { Column, ColumnType, Word } from './column.ts';
export type { Panel, Rows, Sentence, Window } from './panel.ts';
export { encodeParameters, type ParameterValues } from './parameters.ts';
export { parseSentence, pickValue, tell, type Row } from './sentence.ts';
