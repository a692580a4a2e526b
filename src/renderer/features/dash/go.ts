import { navigate } from '../../ui/route.ts'
import { type Asked, addressOf } from './address.ts'

/** Goes to what is asked with some of it changed. */
export function go(asked: Asked, change: Partial<Asked>): void {
  navigate(['dash'], addressOf({ ...asked, ...change }))
}
