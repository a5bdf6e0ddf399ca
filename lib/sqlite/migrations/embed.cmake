# cmake -D OUT=file.cc -D SCRIPTS_mail="a;b" -D SCRIPTS_directory="c" -D SCRIPTS_search="d" -D SCRIPTS_quota="e" -P embed.cmake
# Writes the migrations as string literals, one for each script.
set(text "#include \"sqlite/migrations.h\"\n\nnamespace postfach::sqlite {\nnamespace {\n\n")
foreach(kind mail directory search quota)
  string(REPLACE "," ";" scripts "${SCRIPTS_${kind}}")
  string(APPEND text "constexpr const char* ${kind}[] = {\n")
  foreach(script IN LISTS scripts)
    file(READ "${script}" sql)
    string(APPEND text "R\"sql(${sql})sql\",\n")
  endforeach()
  string(APPEND text "};\n\n")
endforeach()
string(APPEND text "}  // namespace\n\nconst Schema kMailSchema{\"mail\", mail};\n"
       "const Schema kDirectorySchema{\"directory\", directory};\n"
       "const Schema kSearchSchema{\"search\", search};\n"
       "const Schema kQuotaSchema{\"quota\", quota};\n\n}  // namespace postfach::sqlite\n")
file(WRITE "${OUT}" "${text}")
