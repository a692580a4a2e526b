import { Hono } from 'hono'
import { z } from 'zod'
import type { App } from '../app.ts'
import { jsonBody } from '../validate.ts'
import { createDoctor, type DoctorControl } from './control.ts'

const start = z.strictObject({ only: z.array(z.string().max(100)).min(1).max(100).optional() })

/** Checks of everything around Tarn that read only. A start answers with the job; `GET /doctor` with what was found. */
export function doctorRoutes(app: App, doctor: DoctorControl = createDoctor(app)) {
  return new Hono()
    .get('/doctor', (context) => context.json(doctor.view()))
    .post('/doctor', jsonBody(start), (context) =>
      context.json(doctor.start(context.req.valid('json').only ?? null), 202),
    )
}
