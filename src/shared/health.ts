/** Health data types as data: unit and accepted range. Settings may widen or narrow a range (`validation.ranges`). */
export interface HealthType {
  readonly type: string
  /** As HealthKit spells it; checked only under `validation.strict`. */
  readonly unit: string
  /** Accepted values, both ends inclusive, in `unit`. */
  readonly min: number
  readonly max: number
}

const accept = (unit: string, min: number, max: number, ...types: string[]): HealthType[] =>
  types.map((type) => ({ type, unit, min, max }))

/** Every type that Tarn knows. Others are accepted with the basic rules unless `validation.strict` is on. */
export const HEALTH_TYPES: readonly HealthType[] = [
  ...accept('count/min', 30, 250, 'heartRate'),
  ...accept('count/min', 25, 200, 'restingHeartRate'),
  ...accept('ms', 0, 500, 'heartRateVariability'),
  ...accept('count', 0, 100_000, 'stepCount', 'steps'),
  ...accept('m', 0, 100_000, 'distanceWalkingRunning', 'distance'),
  ...accept('count', 0, 1000, 'flightsClimbed'),
  ...accept('kcal', 0, 10_000, 'activeEnergyBurned'),
  ...accept('kcal', 0, 5000, 'basalEnergyBurned'),
  ...accept('s', 0, 86_400, 'exerciseTime', 'standHours'),
  ...accept('mmHg', 50, 250, 'bloodPressureSystolic'),
  ...accept('mmHg', 30, 150, 'bloodPressureDiastolic'),
  ...accept('%', 0, 100, 'oxygenSaturation'),
  ...accept('count/min', 5, 60, 'respiratoryRate'),
  ...accept('mL/kg/min', 10, 100, 'vo2Max'),
  ...accept('kg', 20, 500, 'bodyMass'),
  ...accept('cm', 50, 300, 'height'),
  ...accept('count', 10, 100, 'bodyMassIndex'),
  ...accept('%', 0, 100, 'bodyFatPercentage'),
  ...accept('kg', 10, 300, 'leanBodyMass'),
  ...accept('cm', 30, 300, 'waistCircumference'),
  ...accept('min', 0, 1440, 'sleepAnalysis', 'timeInBed', 'mindfulMinutes'),
  ...accept('kcal', 0, 20_000, 'dietaryEnergy'),
  ...accept(
    'g',
    0,
    5000,
    'dietaryProtein',
    'dietaryCarbohydrates',
    'dietaryFat',
    'dietaryFiber',
    'dietarySugar',
  ),
  ...accept('mL', 0, 20_000, 'dietaryWater'),
  ...accept('mg/dL', 20, 600, 'bloodGlucose'),
  ...accept('°C', 30, 45, 'bodyTemperature'),
]

/** What went wrong with a message or sample, in the order of the checks; `error_type` of the dead-letter table. */
const ERROR_TYPES = [
  'DESERIALIZATION_ERROR',
  'TRANSFORMATION_ERROR',
  'VALIDATION_ERROR',
  'PROCESSING_ERROR',
] as const
export type ErrorType = (typeof ERROR_TYPES)[number]
