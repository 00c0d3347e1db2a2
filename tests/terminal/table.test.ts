import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tableText } from '../../agent/src/terminal/table.ts';

test('columns are as wide as their longest cell, and no line ends in a space', () => {
  const rows = [
    ['a', 'longer', ''],
    ['longest', 'b', 'c'],
  ];
  assert.is(
    tableText(['ONE', 'TWO', 'THREE'], rows),
    'ONE      TWO     THREE\na        longer\nlongest  b       c',
  );
});

test('colour takes no room', () => {
  const rows = [
    ['\u001b[31mred\u001b[39m', 'x'],
    ['plain', 'y'],
  ];
  assert.is(tableText(['A', 'B'], rows), 'A      B\n\u001b[31mred\u001b[39m    x\nplain  y');
});

test.run();
