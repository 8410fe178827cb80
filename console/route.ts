/** Which page is shown: the part of the address behind `#`, so that every page can be linked to and nothing is served for it. */
import { useEffect, useState } from 'react'

export interface Route {
  page: string
  id: string | undefined
}

const routeNow = (): Route => {
  const [page = '', id] = location.hash.replace(/^#\/?/, '').split('/')
  return { page: page === '' ? 'conversations' : page, id: id === undefined ? undefined : decodeURIComponent(id) }
}

export function useRoute(): Route {
  const [route, setRoute] = useState(routeNow)
  useEffect(() => {
    const change = () => setRoute(routeNow())
    addEventListener('hashchange', change)
    return () => removeEventListener('hashchange', change)
  }, [])
  return route
}

export const linkTo = (page: string, id?: string): string =>
  `#/${page}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`
