/** Maps tones to colours. Only this file imports chalk; it is loaded only for coloured output. */
import {Chalk} from 'chalk'
import type {Painter} from './table.ts'

/** The colours of headscale's own tables. */
export function colourPainter(): Painter {
  const chalk = new Chalk({level: 1})
  return (tone, text) => {
    switch (tone) {
      case 'header':
        return chalk.cyanBright(text)
      case 'separator':
        return chalk.gray(text)
      case 'good':
        return chalk.greenBright(text)
      case 'warning':
        return chalk.yellowBright(text)
      case 'bad':
        return chalk.redBright(text)
      case 'plain':
        return text
    }
  }
}
