/* Whoever signs in next may be somebody else: pages with names that a session left behind go. Marks that wait stay,
   they hold no name and are sent by their own person only. */
if ("caches" in window) caches.delete("hunar-teach");
