import {
  type QueryKey,
  type UseQueryOptions,
  type UseQueryResult,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'

/** What a page asked for. It is `cancelled` from `cancel`, which ends the request, until it is read again. */
export type Read<T> = UseQueryResult<T> & { readonly cancelled: boolean; readonly cancel: () => void }

/** Asks for what a page waits for and can cancel; `queryFn` hands its signal on to the request. */
export function useRead<T, K extends QueryKey = QueryKey>(
  options: UseQueryOptions<T, Error, T, K> & { readonly queryKey: K },
): Read<T> {
  const client = useQueryClient()
  const query = useQuery<T, Error, T, K>(options)
  const { isPending, isPlaceholderData, fetchStatus, isEnabled } = query
  return {
    ...query,
    cancelled: isEnabled && fetchStatus === 'idle' && (isPending || isPlaceholderData),
    cancel: () => void client.cancelQueries({ queryKey: options.queryKey, exact: true }),
  }
}
