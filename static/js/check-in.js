/* A scan for one person needs no second tap. */
document.querySelector("form[data-send]")?.requestSubmit();
