import { expect, test } from 'vitest'
import { HEALTH_TYPES } from '../../src/shared/health.ts'

/** The specification's table, row by row: type, unit, min, max. */
const SPECIFIED = `
heartRate|count/min|30|250
restingHeartRate|count/min|25|200
heartRateVariability|ms|0|500
stepCount|count|0|100000
steps|count|0|100000
distanceWalkingRunning|m|0|100000
distance|m|0|100000
flightsClimbed|count|0|1000
activeEnergyBurned|kcal|0|10000
basalEnergyBurned|kcal|0|5000
exerciseTime|s|0|86400
standHours|s|0|86400
bloodPressureSystolic|mmHg|50|250
bloodPressureDiastolic|mmHg|30|150
oxygenSaturation|%|0|100
respiratoryRate|count/min|5|60
vo2Max|mL/kg/min|10|100
bodyMass|kg|20|500
height|cm|50|300
bodyMassIndex|count|10|100
bodyFatPercentage|%|0|100
leanBodyMass|kg|10|300
waistCircumference|cm|30|300
sleepAnalysis|min|0|1440
timeInBed|min|0|1440
mindfulMinutes|min|0|1440
dietaryEnergy|kcal|0|20000
dietaryProtein|g|0|5000
dietaryCarbohydrates|g|0|5000
dietaryFat|g|0|5000
dietaryFiber|g|0|5000
dietarySugar|g|0|5000
dietaryWater|mL|0|20000
bloodGlucose|mg/dL|20|600
bodyTemperature|°C|30|45
`

test('the health types are those of the specification', () => {
  const lines = HEALTH_TYPES.map(({ type, unit, min, max }) => `${type}|${unit}|${min}|${max}`)
  expect(lines.sort()).toEqual(SPECIFIED.trim().split('\n').sort())
})
