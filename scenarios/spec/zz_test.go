package spec
import ("testing";"os";"fmt")
func TestX(t *testing.T){ b,_:=os.ReadFile("testdata/good/design-sketch.toml"); s,err:=Load("design-sketch.toml",b,nil); if err!=nil {t.Fatal(err)}; fmt.Println(string(s.Encode()))
 for _,k:=range Keys(){ fmt.Println(k.Path,k.Type,k.Default,k.Required)}
}
