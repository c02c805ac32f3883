/** The one file that knows chalk: tones to colours. Loaded only where there is colour. */
import {Chalk} from 'chalk'
import type {Painter} from './table.ts'

/** Colours as headscale's own tables have them. */
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
