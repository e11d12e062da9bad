"""Whether agreements are joined, kept and last, without anybody above the countries to enforce them."""
