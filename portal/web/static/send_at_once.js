// Sends the form of a page whose only purpose is to pass something on. Without script its button does.
document.getElementById("send-at-once").submit();
